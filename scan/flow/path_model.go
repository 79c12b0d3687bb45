package flow

import "strings"

// pathModel is the receiver and the arguments, joined as a path.
func (f *frame) pathModel(recv value, args []argument) value {
	var parts []part
	glue := &text{[]piece{{text: "/"}}}
	if recv != nil {
		parts = append(parts, part{val: recv})
	}
	for _, a := range args {
		if a.name != "" {
			continue
		}
		if len(parts) > 0 {
			parts = append(parts, part{val: glue})
		}
		via := a.at
		parts = append(parts, part{a.val, &via})
		if t, ok := a.val.(*text); ok && len(t.pieces) > 0 && t.pieces[0].via == nil {
			parts[len(parts)-1].via = nil
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return f.s.joined(parts)
}

// siblingModel is a path with another last part. What stands before it is the receiver's where that is known, or a hole.
func (f *frame) siblingModel(recv value, args []argument, e *Call) value {
	at, ok := e.Fn.(*Attr)
	if !ok {
		return nil
	}
	var dirs []value
	for _, o := range options(recv) {
		dir := value(&unknown{f.at(at.X)})
		if t, ok := o.(*text); ok {
			for n := len(t.pieces) - 1; n >= 0 && t.pieces[n].hole == nil; n-- {
				if i := strings.LastIndexByte(t.pieces[n].text, '/'); i >= 0 {
					dir = &text{append(t.pieces[:n:n], f.s.slice(t.pieces[n], 0, i))}
					break
				}
			}
		}
		dirs = append(dirs, dir)
	}
	return f.pathModel(either(dirs...), args)
}
