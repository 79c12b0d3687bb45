package flow

// entrySinks notes the commands in a value that is given to an entry which another program runs: the script of a job.
func (f *frame) entrySinks(key string, v value, x Expr) {
	if v == nil || key == "" || !v.tainted() {
		return
	}
	for _, sk := range f.s.sinks["["+key+"]"] {
		at := Place{f.unit.file, x.At()}
		for _, o := range options(v) {
			seq, ok := o.(*sequence)
			if !ok {
				f.s.emitText(sk, at, o, nil)
				continue
			}
			for _, line := range seq.elems {
				if sp, ok := line.(*spread); ok {
					line = f.element(sp.v, nil)
				}
				f.s.emitText(sk, at, line, nil)
			}
		}
	}
}

// entryKey is the key of an expression that is an entry: job["script"].
func (f *frame) entryKey(x Expr) string {
	ix, ok := x.(*Index)
	if !ok || ix.Key == nil {
		return ""
	}
	key, _ := plainOf(f.eval(ix.Key))
	return key
}
