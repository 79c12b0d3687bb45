package render

import "fmt"

// Documents are the files of one root that a language has opened, each of them once.
type Documents[T any] struct {
	read  func(file string) ([]byte, error)
	parse func(file string, src []byte) (*T, error)
	known map[string]*T
}

// NewDocuments opens files by reading and parsing them.
func NewDocuments[T any](read func(file string) ([]byte, error), parse func(file string, src []byte) (*T, error)) Documents[T] {
	return Documents[T]{read, parse, map[string]*T{}}
}

// Open is a file, which is read the first time that it is asked for.
func (d *Documents[T]) Open(file string) (*T, error) {
	if doc := d.known[file]; doc != nil {
		return doc, nil
	}
	src, err := d.read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	doc, err := d.parse(file, src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d.known[file] = doc
	return doc, nil
}

// Opened is a file that was opened before.
func (d *Documents[T]) Opened(file string) *T { return d.known[file] }
