package installer

import (
	"context"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Resolve finds out what Install would install.
func (u *UV) Resolve(ctx context.Context, job Job) ([]requirement.Pin, error) {
	if job.Locked != nil {
		return job.Locked, nil
	}
	job.phase("resolving", "")
	return u.resolve(ctx, job)
}

// Resolve finds out what Install would install. A pip that cannot say so installs it: job.Env is one to throw away.
func (p Pip) Resolve(ctx context.Context, job Job) ([]requirement.Pin, error) {
	if job.Locked != nil {
		return job.Locked, nil
	}
	if !p.reports() {
		job.Pinned = true
		return p.Install(ctx, job)
	}
	job.phase("resolving", "")
	job.dry = true
	if err := p.fit(ctx, job); err != nil {
		return nil, err
	}
	return p.report(job)
}
