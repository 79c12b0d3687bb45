package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// inJob puts the path as a job of a pipeline finds it into text that becomes the job's script: the workspace is the job's
// own, only the instance is this program's value.
func (p *project) inJob(pl *plan, d *document, instance site.Name, byRoot bool, literal, span source.Span) error {
	in := p.in.Pack.Instance
	str, ok := d.stringAt(literal)
	switch {
	case !ok:
		return refuse("the string is not spelled in one piece")
	case byRoot:
		return refuse("the command becomes a job's script, where the directory %s may be another", instance.Expr)
	}
	if _, use := layoutOf(str); use.OK() {
		return refuse("the string is a layout that is filled, and becomes a job's script")
	}
	expr, err := p.argument(d, instance.Expr, span)
	if err != nil {
		return err
	}
	text := "$" + in.Workspace.Name + "/" + in.Dir + "/{" + expr + "}/" + p.in.Pack.Executable()
	prefix, quotes := prefixOf(d.text(literal))
	body := source.Span{Start: literal.Start + len(prefix) + len(quotes), End: literal.End - len(quotes)}
	switch {
	case !body.Covers(span):
		return refuse("the word is not spelled plainly in its string")
	case strings.Contains(prefix, "b"):
		return refuse("the command is a bytes literal, which holds no other value")
	case strings.Contains(prefix, "f"):
		pl.Edit(d.file, span.Start, span.End, text)
	default:
		interpolate(pl, d, literal, body, prefix, span, text)
	}
	return nil
}
