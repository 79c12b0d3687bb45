// Package syntax reads source text into trees, and is the only package that knows the parser binding.
package syntax

import (
	"errors"
	"fmt"
)

// Language names a grammar.
type Language string

// The grammars that are built in.
const (
	Bash   Language = "bash"
	HCL    Language = "hcl"
	Python Language = "python"
	Ruby   Language = "ruby"
)

// MaxDepth bounds the nesting of a tree, so that code which walks it recursively cannot exhaust its stack.
const MaxDepth = 4000

// MaxNodes bounds the size of a tree, which takes some hundred bytes of memory for each node while it is made.
const MaxNodes = 3_000_000

// MaxParts bounds the words and signs of a text that is parsed at all; see Parts.
const MaxParts = 750_000

// ErrTooMany reports a text of more than MaxParts words and signs, or one whose tree has more than MaxNodes nodes.
var ErrTooMany = errors.New("has more words and signs than are read in one file: it looks generated, so move its commands to a file of their own")

// ErrTooHard reports a text whose mistakes make the parser read it again and again.
var ErrTooHard = errors.New("has mistakes that make the parser read it again and again: look for a string or a bracket that is never closed")

// ErrTooDeep reports a text whose tree is nested more than MaxDepth levels.
var ErrTooDeep = errors.New("nested too deeply")

// A Parser parses texts one after the other. It must not be used by two goroutines at once; the zero Parser is ready.
type Parser struct {
	byLanguage map[Language]*native
}

// Parse reads src. A text with mistakes still gives a tree, with nodes that are marked; it errs only when lang is
// unknown, the parser gives up (ErrTooHard), or the tree is nested too deeply (ErrTooDeep) or too
// large (ErrTooMany).
func (p *Parser) Parse(lang Language, src []byte) (*Tree, error) {
	parser := p.byLanguage[lang]
	if parser == nil {
		open := grammars[lang]
		if open == nil {
			return nil, fmt.Errorf("no grammar for %q", lang)
		}
		var err error
		if parser, err = newNative(open()); err != nil {
			return nil, fmt.Errorf("parse %s: %w", lang, err)
		}
		parser.ascii = lang == Bash
		if p.byLanguage == nil {
			p.byLanguage = make(map[Language]*native)
		}
		p.byLanguage[lang] = parser
	}
	if Parts(src, MaxParts) > MaxParts {
		return nil, ErrTooMany
	}
	tree, err := parser.parse(src, MaxDepth, MaxNodes)
	if errors.Is(err, ErrTooHard) {
		parser.close() // it would go on with this text
		delete(p.byLanguage, lang)
	}
	return tree, err
}

// Close frees the memory that the binding holds outside Go's heap.
func (p *Parser) Close() {
	for _, parser := range p.byLanguage {
		parser.close()
	}
	p.byLanguage = nil
}
