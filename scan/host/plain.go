package host

// plain explains the files that hold no guests.
func (r *reader) plain() {}

func lexical(ext string) Kind { return "" }
