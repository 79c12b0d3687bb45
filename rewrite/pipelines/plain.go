package pipelines

import (
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

func replaced(n *yaml.Node, text string) edit.Edit {
	return edit.Edit{Start: n.Span.Start, End: n.Span.End, New: text}
}

// plain extends the pipeline of a repository and the files that it includes from there.
func (p *planner) plain(root *step.Root) {
}
