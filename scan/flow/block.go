package flow

// maxMapped bounds the elements for which a block is called one by one; beyond it, once for any of them.
const maxMapped = 64

// blockModel is the value of a call that gives its block the receiver or its elements:
//
//	map     a list of what the block gives for each element
//	yield   what the block gives for the receiver
//	tap     the receiver, which the block gets
//	select  the receiver, whose elements the block gets
//	find    one of its elements, which the block gets
//	memo    what argument 0 is after the block got it after each element
//	fold    what the block gives for what it gave before, or argument 0, and each element
func (f *frame) blockModel(does string, recv value, e *Call, args []argument, block *function) value {
	given := blockOf(args, block)
	switch does {
	case "map":
		if given == nil || !callable(given) {
			return recv // map(&:to_s) and the like change no word
		}
		return f.mapped(recv, given, e)
	case "yield":
		if given != nil && callable(given) {
			return f.handTo(given, recv, e)
		}
	case "tap":
		if given != nil && callable(given) {
			f.handTo(given, recv, e)
		}
	case "memo", "fold":
		return f.folded(does, recv, given, args, e)
	case "find":
		elem := f.element(recv, e)
		if given != nil && callable(given) && recv != nil && recv.tainted() {
			f.handTo(given, elem, e)
		}
		return elem
	case "select":
		if given != nil && callable(given) && recv != nil && recv.tainted() {
			f.handTo(given, f.element(recv, e), e)
		}
	}
	return recv
}

// folded is what a block makes of a value and the elements of a list, one after the other.
func (f *frame) folded(does string, recv, block value, args []argument, e *Call) value {
	var first value
	if plain := positional(args); len(plain) > 0 {
		first = plain[0].val
	}
	if block == nil || !callable(block) {
		return nil
	}
	out := first
	for range 2 { // what the first element made is seen by the others
		elem := f.element(recv, e)
		pair := []value{elem, orUnknown(out, f.at(e))}
		if does == "fold" {
			pair[0], pair[1] = pair[1], pair[0]
		}
		out = either(out, f.handTo(block, newSequence(pair, false), e))
	}
	return out
}

func callable(v value) bool {
	for _, o := range options(v) {
		switch o.(type) {
		case *function, *partial, *external, *bound:
			return true
		}
	}
	return false
}

// mapped is the list of what a block gives for the elements of a value.
func (f *frame) mapped(recv, block value, e *Call) value {
	var out []value
	for _, o := range options(recv) {
		seq, ok := o.(*sequence)
		if t, is := o.(*table); is {
			seq, ok = t.entries(), true
		}
		if !ok || len(seq.elems) > maxMapped {
			v := f.handTo(block, f.element(o, e), e)
			out = append(out, newSequence([]value{&spread{orUnknown(v, f.at(e))}}, true))
			continue
		}
		var elems []value
		for _, el := range seq.elems {
			if sp, ok := el.(*spread); ok {
				elems = append(elems, &spread{orUnknown(f.handTo(block, f.element(sp.v, e), e), f.at(e))})
				continue
			}
			elems = append(elems, orUnknown(f.handTo(block, el, e), f.at(e)))
		}
		out = append(out, newSequence(elems, seq.open))
	}
	return either(out...)
}

func orUnknown(v value, at place) value {
	if v == nil {
		return &unknown{at}
	}
	return v
}

// handTo calls a block with one value. A list is taken apart for a block that has several parameters.
func (f *frame) handTo(block, v value, e *Call) value {
	var out []value
	for _, o := range options(block) {
		args := []argument{{val: orUnknown(v, f.at(e)), at: f.at(e)}}
		if fn, ok := o.(*function); ok && len(fn.fn.Params) > 1 {
			args = f.takenApart(v, args)
		}
		out = append(out, f.apply(o, e, args, nil, 1))
	}
	return either(out...)
}

func (f *frame) takenApart(v value, whole []argument) []argument {
	for _, o := range options(v) {
		seq, ok := o.(*sequence)
		if !ok {
			continue
		}
		var args []argument
		for _, el := range seq.elems {
			args = append(args, argument{val: el, at: whole[0].at})
		}
		return args
	}
	return whole
}
