package rehearse

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// A call is explained by a site of the file that started it, or by one that may have made it; a call of an instance that is not
// made any more by none of which the words are not known.
func TestCovering(t *testing.T) {
	t.Parallel()
	sites := []keptSite{
		{file: "cluster/Makefile", line: 1, action: site.Keep},
		{file: "cluster/Makefile", line: 2, action: site.Review, argv: []string{"--version"}},
		{file: "cluster/jobs.yml", line: 3, action: site.Review, argv: []string{"plugins", "list"}},
		{file: "cluster/show.py", line: 4, action: site.Review, argv: []string{"config", ""}},
		{file: "cluster/run.sh", line: 5, action: site.Review, argv: []string{""}},
	}
	for _, c := range []struct {
		name    string
		verdict Verdict
		call    Call
		want    int // the line; 0 for none
	}{
		{"the recipe with these words", Lost, Call{Started: "cluster/Makefile", Arguments: []string{"--version"}}, 2},
		{"a recipe of which nothing is known", Left, Call{Started: "cluster/Makefile", Arguments: []string{"k8s", "start"}, Root: "/x"}, 1},
		{"a job that a helper reads", Lost, Call{Started: "cluster/run_job.py", language: ".py", Arguments: []string{"plugins", "list"}}, 3},
		{"the same words for an instance", Lost, Call{Started: "cluster/run_job.py", language: ".py", Arguments: []string{"plugins", "list"}, Root: "/x"}, 0},
		{"a module of the program", Left, Call{Started: "cluster/cli.py", language: ".py", Arguments: []string{"config", "save"}, Root: "/x"}, 4},
		{"another command", Left, Call{Started: "cluster/cli.py", language: ".py", Arguments: []string{"k8s", "stop"}, Root: "/x"}, 0},
		{"a script of any words, of no instance", Lost, Call{Started: "cluster/run.sh", Arguments: []string{"k8s", "stop"}}, 5},
		{"a script of any words, of an instance", Lost, Call{Started: "cluster/run.sh", Arguments: []string{"k8s", "stop"}, Root: "/x"}, 0},
		{"another script", Left, Call{Started: "cluster/other.sh", Arguments: []string{"k8s", "stop"}}, 0},
	} {
		c.call.traced = true
		got := 0
		if s := covering(sites, Pair{Before: &c.call, Verdict: c.verdict}); s != nil {
			got = s.line
		}
		if got != c.want {
			t.Errorf("%s: line %d, want %d", c.name, got, c.want)
		}
	}
}
