package shell

func (r *reader) fish(t *text) { r.script(t) }
