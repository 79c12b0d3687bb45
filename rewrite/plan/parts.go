package plan

import (
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/commands"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/container"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/docs"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/entrypoint"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/gitignore"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/golang"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/instances"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/pipelines"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/python"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/shell"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// part is a step that plans by itself, beside the rewriting of sites.
type part struct {
	name    step.Name
	plan    func(step.Input) step.Output
	refuses bool // says of sites that they cannot be rewritten, also where it is not planned
}

// parts are the steps that are built in, in order.
func parts() []part {
	return []part{
		{name: step.Invocations, plan: entrypoint.Plan},
		{name: step.Requirements, plan: requirements.Plan},
		{name: step.Instances, plan: instances.Plan},
		{name: step.GitIgnore, plan: gitignore.Plan},
		{name: step.Container, plan: container.Plan},
		{name: step.Commands, plan: commands.Plan},
		{name: step.Pipelines, plan: pipelines.Plan, refuses: true},
		{name: step.Docs, plan: docs.Plan},
	}
}

// renderer writes the fixes of the sites whose words stand in one language.
type renderer struct {
	language string
	fixes    func(render.Input) ([]edit.Fix, []render.Refusal)
	dispatch bool // takes a script that runs the name it was called by
}

// renderers are the languages that fixes are written in.
func renderers() []renderer {
	return []renderer{
		{language: "python", fixes: python.Fixes, dispatch: true},
		{language: "ruby", fixes: ruby.Fixes, dispatch: true},
		{language: "go", fixes: golang.Fixes},
		{language: "shell", fixes: shell.Fixes},
	}
}
