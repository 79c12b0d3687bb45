package flow

// entrySinks notes the commands in a value that is given to an entry which another program runs: the script of a job.
// Root is the root directory that the same entries give it.
func (f *frame) entrySinks(key string, v value, x Expr, root *root) {
	if v == nil || key == "" || !v.tainted() {
		return
	}
	for _, sk := range f.s.sinks["["+key+"]"] {
		at := Place{f.unit.file, x.At()}
		for _, o := range options(v) {
			seq, ok := o.(*sequence)
			if !ok {
				f.s.emitText(sk, at, o, root)
				continue
			}
			for _, line := range seq.elems {
				if sp, ok := line.(*spread); ok {
					line = f.element(sp.v, nil)
				}
				f.s.emitText(sk, at, line, root)
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

// variablesRoot is the root directory among the variables of a job, which is a table of these entries; nil without one.
func (f *frame) variablesRoot(keys []string, vals []value) *root {
	for i, key := range keys {
		if key != "variables" {
			continue
		}
		if t := f.s.rootedTable(vals[i]); t != nil {
			v := t.root(f.s.in.Pack.Instance.RootEnv)
			given, _ := v.(*text)
			return &root{text: given, way: wayOf(v)}
		}
	}
	return nil
}
