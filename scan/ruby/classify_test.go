package ruby

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// testPack is a pack for a program that no built-in one knows.
func testPack() *rules.Pack {
	pack, err := rules.Parse("test", []byte(`
program: {name: forge, commands: [config, local]}
instance: {names: [instance_name, instance], environment: [INSTANCE_NAME], dir: instances, env: .venv}
`))
	if err != nil {
		panic(err)
	}
	return pack
}

// explained are texts with the class of the word in them.
var classified = []struct {
	src  string
	want site.Class
}{
	{`# run forge`, site.Comment},
	{"=begin\nforge\n=end\n", site.Comment},
	{"x\n__END__\nforge local", site.Data},
	{`puts "now run forge local start"`, site.Message},
	{`warn("forge " + name)`, site.Message},
	{`raise Broken, "forge config failed" unless ok`, site.Message},
	{`logger.info "forge local"`, site.Message},
	{`opts.banner = "forge local [x]"`, site.Message},
	{"puts <<~X\n  forge local\nX", site.Message},
	{`USAGE = "forge local start"`, site.Message},
	{`USAGE = <<~X.freeze` + "\n forge local\nX", site.Message},
	{`desc "run forge local"`, site.Message},
	{`p(cond ? "forge local" : "x")`, site.Message},
	{`option :x, desc: "forge local"`, site.Message},
	{`def forge(x); end`, site.Identifier},
	{`x.forge`, site.Identifier},
	{`Forge::Client.new`, site.Identifier},
	{`:forge`, site.Identifier},
	{`{ forge: 1 }`, site.Identifier},
	{`h["forge"]`, site.Identifier},
	{`%i[forge local]`, site.Identifier},
	{"<<~FORGE\n x\nFORGE", site.Identifier},
	{`require "forge"`, site.Import},
	{`require_relative 'lib/forge'`, site.Import},
	{`spec.add_dependency "forge", "1"`, site.Requirement},
	{`gem 'forge'`, site.Requirement},
	{`x = "/opt/forge/bin"`, site.Path},
	{`x = "~/forge"`, site.Path},
	{`x = "#{root}/forge"`, site.Path},
	{`x = "forge.yml"`, site.Path},
	{`x = "https://example.org/forge"`, site.Data},
	{`x = "forge-mfe"`, site.Data},
	{`x == "forge"`, site.Data},
	{`case x when "forge" then 1 end`, site.Data},
	{`name = "forge"`, site.Data},
	{`%w[forge grove kubectl]`, site.Data},
	{`/forge local/`, site.Data},
	{`x = "the forge local people"`, site.Data},
	{`x = "forge local start"`, site.Unexplained},
	{`x = %w[forge local start]`, site.Unexplained},
	{`x = ["forge", "--version"]`, site.Unexplained},
	{"x = <<~A\n  cd x\n  forge local start\nA", site.Unexplained},
	{`x = "cd y && forge config save"`, site.Unexplained},
	{`x = %w[Forge local]`, site.Data},
}

func TestClassify(t *testing.T) {
	for _, tc := range classified {
		var p syntax.Parser
		tree, err := Parse(&p, []byte(tc.src))
		if err != nil {
			t.Fatal(err)
		}
		found := site.Find(tree.Src, "forge")
		if len(found) == 0 {
			t.Fatalf("%q does not name the program", tc.src)
		}
		pack := testPack()
		class, rule, reason := Classify(tree, tree.Src, found[0], pack)
		if class != tc.want {
			t.Errorf("%q is %s (%s, %s), want %s", tc.src, class, rule, reason, tc.want)
		}
		if _, ok := pack.Rule(rule); !ok || reason == "" || class.Site() {
			t.Errorf("%q: rule %q, reason %q", tc.src, rule, reason)
		}
	}
}

func TestSuspect(t *testing.T) {
	for src, want := range map[string]bool{
		`conn.run_remote("forge local start")`:       true,
		`Remote.execute_on host, %w[forge config x]`: true,
		`shell(["forge", "local"])`:                  true,
		`conn.run_remote("cd x; forge local")`:       true,
		`conn.run_remote("the forge")`:               false,
		`conn.run_remote(forge)`:                     false,
		`puts "forge local start"`:                   false,
		`store("forge local start")`:                 false,
		`run_with { x = "forge local" }`:             false,
	} {
		var p syntax.Parser
		tree, err := Parse(&p, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		reason, ok := Suspect(tree, tree.Src, site.Find(tree.Src, "forge")[0], testPack())
		if ok != want || ok != (reason != "") {
			t.Errorf("%q: %v %q, want %v", src, ok, reason, want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct{ src, want string }{
		{"def f(instance_name)\n  FORGE\nend", "instance_name parameter; f"},
		{"class A\n def f(x, instance: 1)\n  FORGE\n end\nend", "instance parameter; A.f"},
		{"names.each do |instance_name|\n  FORGE\nend", "instance_name loop variable; "},
		{"def f(instance_name)\n [1].each { |instance| FORGE }\nend", "instance loop variable, instance_name parameter; f"},
		{"class A\n def initialize(n)\n  @instance_name = n\n end\n def f\n  FORGE\n end\nend", "@instance_name attribute; A.f"},
		{"class A\n def initialize(n)\n  @instance_name = n\n end\n def self.f\n  FORGE\n end\nend", "; A.f"},
		{"instance = ARGV[0]\nFORGE", "instance argument; "},
		{"current_instance_name = ARGV.shift or abort\nFORGE", "current_instance_name argument; "},
		{"INSTANCE_NAME = ENV.fetch('X')\ndef f\n FORGE\nend", "INSTANCE_NAME environment; f"},
		{"task :x do |t, args|\n a = args[:instance_name]\n FORGE\nend", "args[:instance_name] variable; "},
		{"def f(instance)\n  FORGE\n  p instance.name\nend", "instance.name parameter; f"},
		{"x = ENV['INSTANCE_NAME']\nFORGE", "ENV.fetch('INSTANCE_NAME') environment; "},
		{"instance_name, *rest = ARGV\nsystem <<~A\n  FORGE\nA", "instance_name argument; "},
		{"for instance in list do\n FORGE\nend", "instance loop variable; "},

		{"FORGE\ninstance_name = 1", "; "},
		{"def g\n instance_name = 1\nend\nFORGE", "; "},
		{"instance_name = 1\ndef g\n FORGE\nend", "; g"},
		{"[1].each { |instance_name| x }\nFORGE", "; "},
		{"def f(instances, my_instances)\n FORGE\nend", "; f"},
	} {
		var p syntax.Parser
		tree, err := Parse(&p, []byte(tc.src))
		if err != nil {
			t.Fatal(err)
		}
		names, owner, at := Names(tree, site.Find(tree.Src, "forge")[0], testPack())
		var got []string
		for _, n := range names {
			got = append(got, n.Expr+" "+n.How)
		}
		if text := strings.Join(got, ", ") + "; " + owner; text != tc.want || (at.Len() > 0) != (owner != "") {
			t.Errorf("%q: %q, want %q", tc.src, text, tc.want)
		}
	}
}
