package syntax

/*
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// The part of tree-sitter's own C interface (api.h, version 14) that is called here. Its code and the grammars come with
// the Go packages that this file imports.
typedef struct TSLanguage TSLanguage;
typedef struct TSParser TSParser;
typedef struct TSTree TSTree;
typedef struct { uint32_t row, column; } TSPoint;
typedef struct {
	void *payload;
	const char *(*read)(void *payload, uint32_t at, TSPoint point, uint32_t *n);
	int encoding; // 0 is UTF-8
} TSInput;
typedef struct { uint32_t context[4]; const void *id; const TSTree *tree; } TSNode;
typedef struct { const void *tree; const void *id; uint32_t context[3]; } TSTreeCursor;

extern TSParser *ts_parser_new(void);
extern void ts_parser_delete(TSParser *);
extern bool ts_parser_set_language(TSParser *, const TSLanguage *);
extern void ts_parser_set_timeout_micros(TSParser *, uint64_t);
extern TSTree *ts_parser_parse(TSParser *, const TSTree *, TSInput);
extern TSNode ts_tree_root_node(const TSTree *);
extern void ts_tree_delete(TSTree *);
extern TSTreeCursor ts_tree_cursor_new(TSNode);
extern void ts_tree_cursor_delete(TSTreeCursor *);
extern TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
extern uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *);
extern bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
extern bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
extern bool ts_tree_cursor_goto_parent(TSTreeCursor *);
extern uint32_t ts_node_start_byte(TSNode);
extern uint32_t ts_node_end_byte(TSNode);
extern uint16_t ts_node_symbol(TSNode);
extern bool ts_node_has_error(TSNode);
extern bool ts_node_is_missing(TSNode);
extern bool ts_node_is_error(TSNode);
extern uint32_t ts_language_symbol_count(const TSLanguage *);
extern const char *ts_language_symbol_name(const TSLanguage *, uint16_t);
extern int ts_language_symbol_type(const TSLanguage *, uint16_t);
extern uint32_t ts_language_field_count(const TSLanguage *);
extern const char *ts_language_field_name_for_id(const TSLanguage *, uint16_t);
extern const TSLanguage *tree_sitter_bash(void);
extern const TSLanguage *tree_sitter_hcl(void);
extern const TSLanguage *tree_sitter_python(void);
extern const TSLanguage *tree_sitter_ruby(void);

// record is one node, as record in tree.go.
typedef struct {
	uint32_t start, end;
	int32_t parent, first, next;
	uint16_t symbol, field;
	bool broken, missing, failed;
} record;

enum { copied, gave_up, too_deep, too_many };

typedef struct {
	record *nodes;
	size_t n, package;
} records;

// add appends the node at the cursor. Mistakes are looked for only below a node that has one.
static bool add(records *out, const TSTreeCursor *cursor, int32_t parent) {
	if (out->n == out->package) {
		size_t package = out->package * 2;
		record *more = realloc(out->nodes, package * sizeof(record));
		if (!more) return false;
		out->nodes = more, out->package = package;
	}
	TSNode node = ts_tree_cursor_current_node(cursor);
	record r = {.start = ts_node_start_byte(node), .end = ts_node_end_byte(node), .parent = parent, .first = -1, .next = -1,
		.symbol = ts_node_symbol(node), .field = ts_tree_cursor_current_field_id(cursor)};
	if ((parent < 0 || out->nodes[parent].broken) && ts_node_has_error(node)) {
		r.broken = true;
		r.missing = ts_node_is_missing(node);
		r.failed = ts_node_is_error(node);
	}
	out->nodes[out->n++] = r;
	return true;
}

// copy lists the nodes of a tree, each before its children.
static int copy(records *out, TSTreeCursor *cursor, uint32_t max_depth, size_t max_nodes) {
	uint32_t depth = 0;
	int32_t at = 0;
	if (!add(out, cursor, -1)) return too_many;
	for (;;) {
		bool down = ts_tree_cursor_goto_first_child(cursor);
		if (down && ++depth > max_depth) return too_deep;
		while (!down && !ts_tree_cursor_goto_next_sibling(cursor)) {
			if (!ts_tree_cursor_goto_parent(cursor)) return copied;
			at = out->nodes[at].parent, depth--;
		}
		int32_t fresh = (int32_t)out->n;
		if (out->n >= max_nodes || !add(out, cursor, down ? at : out->nodes[at].parent)) return too_many;
		if (down) out->nodes[at].first = fresh;
		else out->nodes[at].next = fresh;
		at = fresh;
	}
}

enum { chunk = 4 << 10 };

// input is a text that the parser reads, and how often it may ask for a chunk of it.
typedef struct {
	const char *src;
	uint32_t len;
	long asked, limit;
	char blank[chunk]; // empty lines
} input;

// read_chunk gives the text from a byte on, or nothing at its end. When the parser has asked too often it gets empty lines,
// which end what it looks for, and at last the end of the text: a scanner that counts the columns of a line again for each
// letter does not notice an end in the middle of that line.
static const char *read_chunk(void *payload, uint32_t at, TSPoint point, uint32_t *n) {
	input *in = payload;
	in->asked++;
	*n = 0;
	if (at >= in->len || in->asked > 2 * in->limit) return "";
	*n = in->len - at < chunk ? in->len - at : chunk;
	return in->asked > in->limit ? in->blank : in->src + at;
}

// parse reads a text and lists its nodes. One call does it all, because a call from Go costs more than what most of the
// interface's functions do. The caller frees what is listed.
static int parse(TSParser *parser, const char *src, uint32_t len, long limit, uint64_t micros, uint32_t max_depth, size_t max_nodes, records *out) {
	input in = {.src = src, .len = len, .limit = limit};
	memset(in.blank, '\n', chunk);
	ts_parser_set_timeout_micros(parser, micros);
	TSTree *tree = ts_parser_parse(parser, NULL, (TSInput){&in, read_chunk, 0});
	if (!tree) return gave_up;
	int how = gave_up;
	if (in.asked <= limit) {
		out->package = len / 4 + 16;
		out->nodes = malloc(out->package * sizeof(record));
		if (out->nodes) {
			TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
			how = copy(out, &cursor, max_depth, max_nodes);
			ts_tree_cursor_delete(&cursor);
		}
	}
	ts_tree_delete(tree);
	return how;
}
*/
import "C"

import (
	"errors"
	"sync"
	"unsafe"

	// The first brings the parser's code, the others that of the grammars.
	_ "github.com/smacker/go-tree-sitter"
	_ "github.com/smacker/go-tree-sitter/bash"
	_ "github.com/smacker/go-tree-sitter/hcl"
	_ "github.com/smacker/go-tree-sitter/python"
	_ "github.com/smacker/go-tree-sitter/ruby"
)

// grammar is a language of the parser, with what it calls its nodes and fields.
type grammar struct {
	c      *C.TSLanguage
	kinds  []kind   // by symbol
	fields []string // by the field's number; 0 is no field
}

// kind is what a grammar calls a node.
type kind struct {
	name  string
	named bool // a rule of the grammar, not a literal token
}

// errorSymbol is that of a node that the parser could not read; no grammar lists it.
const errorSymbol = 0xFFFF

// grammars are made when they are first asked for.
var grammars = map[Language]func() *grammar{
	Bash:   sync.OnceValue(func() *grammar { return newGrammar(C.tree_sitter_bash()) }),
	HCL:    sync.OnceValue(func() *grammar { return newGrammar(C.tree_sitter_hcl()) }),
	Python: sync.OnceValue(func() *grammar { return newGrammar(C.tree_sitter_python()) }),
	Ruby:   sync.OnceValue(func() *grammar { return newGrammar(C.tree_sitter_ruby()) }),
}

func newGrammar(c *C.TSLanguage) *grammar {
	g := &grammar{c: c, fields: []string{""}}
	for i := range C.ts_language_symbol_count(c) {
		symbol := C.uint16_t(i)
		g.kinds = append(g.kinds, kind{C.GoString(C.ts_language_symbol_name(c, symbol)), C.ts_language_symbol_type(c, symbol) == 0})
	}
	for i := range C.ts_language_field_count(c) {
		g.fields = append(g.fields, C.GoString(C.ts_language_field_name_for_id(c, C.uint16_t(i+1))))
	}
	return g
}

// kind is what the grammar calls the nodes of a symbol.
func (g *grammar) kind(symbol uint16) kind {
	if symbol == errorSymbol {
		return kind{"ERROR", true}
	}
	return g.kinds[symbol]
}

// native is the parser of one grammar.
type native struct {
	c       *C.TSParser
	grammar *grammar
	ascii   bool // the grammar's scanner asks the C library whether any character is a digit, which reads memory that is not its own
}

func newNative(g *grammar) (*native, error) {
	n := &native{c: C.ts_parser_new(), grammar: g}
	if !C.ts_parser_set_language(n.c, g.c) {
		C.ts_parser_delete(n.c)
		return nil, errors.New("the grammar is of a version that the parser does not know")
	}
	return n, nil
}

// plain puts a character that is part of words in the place of every byte of those beyond ASCII, which are part of words too.
func plain(text []byte) {
	for i, c := range text {
		if c >= 0x80 {
			text[i] = '_'
		}
	}
}

func (n *native) close() { C.ts_parser_delete(n.c) }

// parse reads src, whose tree may have maxNodes nodes and maxDepth levels.
func (n *native) parse(src []byte, maxDepth, maxNodes int) (*Tree, error) {
	text := C.CBytes(src)
	defer C.free(text)
	if n.ascii {
		plain(unsafe.Slice((*byte)(text), len(src)))
	}
	var out C.records
	how := C.parse(n.c, (*C.char)(text), C.uint32_t(len(src)),
		C.long(reads(len(src))), C.uint64_t(microseconds(len(src))), C.uint32_t(maxDepth), C.size_t(maxNodes), &out)
	defer C.free(unsafe.Pointer(out.nodes))
	switch how {
	case C.copied:
	case C.too_deep:
		return nil, ErrTooDeep
	case C.too_many:
		return nil, ErrTooMany
	default:
		return nil, ErrTooHard
	}
	tree := &Tree{Src: src, grammar: n.grammar, nodes: make([]record, out.n)}
	for i, r := range unsafe.Slice(out.nodes, out.n) {
		tree.nodes[i] = record{
			start: int32(r.start), end: int32(r.end), parent: int32(r.parent), first: int32(r.first), next: int32(r.next),
			symbol: uint16(r.symbol), field: uint16(r.field), broken: bool(r.broken), missing: bool(r.missing), failed: bool(r.failed),
		}
	}
	return tree, nil
}
