// Package flow follows values through a program: what a front end lowered is evaluated until each command that can reach
// a call which runs commands is known, with the bytes that write it.
package flow

import "gitlab.com/opencraft/dev/grove-migrate/scan/source"

// Unit is one source file, lowered to what matters for following commands.
type Unit struct {
	File   string // the file's key: slash path relative to the repository
	Traits Traits
	Body   []Stmt // the top level, in order
}

// Traits is where languages differ in what their statements mean.
type Traits struct {
	Reopens    bool // a class statement adds to the class of its name, if there is one
	OwnNames   bool // a function without a name, like any other, binds the names that it assigns to
	HeadOfList bool // a list of words can be written anew by its first word alone
}

// Stmt is a statement. Statements and expressions are always handled by pointer: &Do{…}, &Lit{…}.
type Stmt interface{ stmt() }

// Expr is an expression. At is its span in bytes of the file.
type Expr interface{ At() source.Span }

// Pos is embedded in every expression.
type Pos struct{ source.Span }

// At is the expression's span in bytes of the file.
func (p *Pos) At() source.Span { return p.Span }

// The expressions.
type (
	// Lit is literal text: a string, or one constant piece of an interpolated string.
	Lit struct {
		Pos                 // the piece's own bytes, without quotes
		Text    string      // decoded
		Map     source.Map  // from the bytes of Text to the bytes of the file
		Literal source.Span // the whole literal token: prefix, quotes and, for a piece, its siblings
		Kind    string      // "", "f", "r", "b", "rb", "%w", "heredoc", "squiggly", "'", "\"", "symbol": the literal's flavour as the front end names it
	}
	// Join is one string made of its parts: interpolation, implicit and explicit concatenation.
	Join struct {
		Pos
		Parts []Expr
	}
	// List is a list, tuple or array. An element may be a Splat.
	List struct {
		Pos
		Elems []Expr
	}
	// Splat spreads a list into the list or argument list that holds it; Double spreads a dictionary.
	Splat struct {
		Pos
		X      Expr
		Double bool
	}
	// Dict is a dictionary or hash. A nil key stands for a spread value.
	Dict struct {
		Pos
		Keys, Vals []Expr
	}
	// Name is a variable, constant, function or module by its name. "self" is the receiver in every language.
	Name struct {
		Pos
		Ident string
	}
	// Attr is a member of X: attribute, method, instance variable, constant of a module.
	Attr struct {
		Pos
		X    Expr
		Name string
	}
	// Index is X[Key]. For a slice, Key is nil and From is where it starts (nil: the beginning), To nil when it runs to the end.
	Index struct {
		Pos
		X, Key   Expr
		From, To Expr
	}
	// Add is X + Y where the operands may be strings or lists.
	Add struct {
		Pos
		X, Y Expr
	}
	// Format is a format string with its arguments: `fmt % args` and the like; Verb tells the style: "%", "format" (braces), "go".
	Format struct {
		Pos
		Verb   string
		Layout Expr
		Args   []Expr // the operands; a dictionary operand of % is a Dict
		Named  []Arg  // keyword operands
	}
	// Call calls Fn. Block is the block or trailing closure, if there is one.
	Call struct {
		Pos
		Fn    Expr
		Args  []Arg
		Block *Func
	}
	// Alt is one of several values: a conditional expression, `a or b`, `a || b`.
	Alt struct {
		Pos
		Options []Expr
		Test    Expr       // evaluated for its effects; nil when there is none
		Other   [][]Differ // by option, as in Branch
	}
	// Func is a function: a definition, lambda, block or method.
	Func struct {
		Pos
		Name       string
		Params     []Param
		Body       []Stmt
		Value      Expr   // set for a lambda with an expression body
		Decorators []Expr // evaluated, applied to nothing
		Implicit   bool   // the value of the last statement is returned (Ruby)
		Static     bool   // defined on the class itself; has no receiver of an instance
		Property   bool   // read without a call
	}
	// Class is a class or module.
	Class struct {
		Pos
		Name  string
		Bases []Expr
		Body  []Stmt
	}
	// Run is a literal that runs its shell text when it is evaluated: Ruby's backticks and %x.
	Run struct {
		Pos
		Text Expr
		Sink string // the sink's name in the pack: "backtick"
	}
	// Handover is what the callee of Call hands to a block that stands there: the arguments of yield. One argument is its
	// value, several are a list.
	Handover struct {
		Pos
		Call *Call
	}
	// Opaque is an expression whose value cannot be followed. Its parts are evaluated for their effects.
	Opaque struct {
		Pos
		Parts []Expr
	}
)

// Arg is one argument of a call. A positional argument has no name; a Splat spreads.
type Arg struct {
	Name  string
	Value Expr
}

// Param is one parameter of a function.
type Param struct {
	source.Span
	Name    string
	Type    Expr   // the annotation, which may name a class; nil when there is none
	Default Expr   // nil when there is none
	Rest    string // "" for a plain one, "*" for the rest of the positional arguments, "**" for named ones, "&" for a block
}

// The statements.
type (
	// Do evaluates X.
	Do struct{ X Expr }
	// Assign binds Value to each target in turn: a Name, Attr, Index, or a List of targets.
	Assign struct {
		Targets []Expr
		Value   Expr
		Default bool // only when the target has no value yet: `||=`, a conditional definition
		Type    Expr // annotation, or nil
	}
	// Augment is `target += value` and the like: the target's value is extended.
	Augment struct {
		Target, Value Expr
		Pos           source.Span
	}
	// Return ends the function with a value, which may be nil. Yield is set for a generator's yield.
	Return struct {
		Value Expr
		Yield bool
	}
	// Branch is one of several ways: if, case, try. An arm may be empty. Each arm starts from the state before the branch.
	Branch struct {
		Tests []Expr // evaluated first, for their effects
		Arms  [][]Stmt
		Total bool       // one of the arms is taken for certain (there is an else)
		Other [][]Differ // by arm: what a name is known not to be there; shorter when nothing is
	}
	// Differ says that a name does not hold a text: in the else of a case on it, for one.
	Differ struct{ Name, Text string }
	// Loop runs Body some number of times, with Target bound to the elements of Iter when there is one.
	Loop struct {
		Target, Iter Expr
		Body         []Stmt
	}
	// Define defines a function by its name.
	Define struct{ Func *Func }
	// DefineClass defines a class by its name, or reopens it.
	DefineClass struct{ Class *Class }
	// Import binds names from another unit or package.
	Import struct {
		source.Span
		Module string // "subprocess", "grove.utils", "./lib" (relative to the file, Ruby's require_relative), ".utils" (Python's relative form)
		As     string // the name that the module itself is bound to; empty when only names are
		Names  []ImportName
		Star   bool // every public name
	}
	// Block is a list of statements that runs as it stands: with, begin.
	Block struct{ Body []Stmt }
)

// ImportName is one name taken from a module, and what it is called here.
type ImportName struct {
	Name, As string
	At       source.Span // of Name, in bytes of the file; empty when it is not told
}

func (*Do) stmt()          {}
func (*Assign) stmt()      {}
func (*Augment) stmt()     {}
func (*Return) stmt()      {}
func (*Branch) stmt()      {}
func (*Loop) stmt()        {}
func (*Define) stmt()      {}
func (*DefineClass) stmt() {}
func (*Import) stmt()      {}
func (*Block) stmt()       {}
