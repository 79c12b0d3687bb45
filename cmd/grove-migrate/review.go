package main

import (
	"context"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// review asks a person for each fix.
func review(ctx context.Context, _ *terminal, ws scan.Workspace, found *scan.Report, o plan.Options) (*plan.Plan, error) {
	return plan.Make(ctx, found, ws, o)
}
