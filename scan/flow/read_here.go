package flow

// Taken is the step of a name whose value is what one literal says and no more, where it is read: another text could stand
// there in its stead.
const Taken = "read here"

func (f *frame) taken(v value, e Expr) value {
	if v == nil || !v.tainted() || !ofOneLiteral(v) && !f.beginsWithLiteral(v) {
		return v
	}
	return stepped(v, Step{f.unit.file, e.At(), Taken})
}

// beginsWithLiteral reports whether a value is a list of words that begins with what a literal says, where such a
// list can be taken apart.
func (f *frame) beginsWithLiteral(v value) bool {
	seq, ok := v.(*sequence)
	if !ok || seq.open || len(seq.elems) == 0 || !f.unit.unit.Traits.HeadOfList {
		return false
	}
	for _, el := range seq.elems[1:] {
		if t, ok := el.(*text); !ok || t.tainted() {
			return false
		}
	}
	return seq.elems[0].tainted() && ofOneLiteral(seq.elems[0])
}

// ofOneLiteral reports whether a value is what a literal says, or else what is not known, as the environment has it.
func ofOneLiteral(v value) bool {
	var lit *Lit
	for _, o := range options(v) {
		t, ok := o.(*text)
		switch {
		case !ok:
			if _, isUnknown := o.(*unknown); !isUnknown {
				return false
			}
		case len(t.pieces) != 1:
			return false
		case t.pieces[0].lit == nil:
			if t.pieces[0].hole == nil {
				return false
			}
		case lit != nil && t.pieces[0].lit != lit || t.pieces[0].text != t.pieces[0].lit.Text:
			return false
		default:
			lit = t.pieces[0].lit
		}
	}
	return lit != nil
}
