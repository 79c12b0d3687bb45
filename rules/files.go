package rules

import (
	"fmt"
	"io/fs"
	"path"
)

// File is the text of a file that the pack built in under program gives to
// those who migrate, such as a Python module: packs/<program>/files/<name>.
// Texts in braces stand for what differs between workspaces. It errs when the
// pack has no such file.
func File(program, name string) (string, error) {
	src, err := fs.ReadFile(embedded, path.Join("packs", program, "files", name))
	if err != nil {
		return "", fmt.Errorf("the pack %q has no file %q", program, name)
	}
	return string(src), nil
}
