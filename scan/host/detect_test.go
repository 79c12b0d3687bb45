package host

import "testing"

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		path, src string
		want      Kind
	}{
		{"Dockerfile", "", Dockerfile}, {"docker/Dockerfile.dev", "", Dockerfile}, {"app.dockerfile", "", Dockerfile}, {"Containerfile", "", Dockerfile},
		{"dockerfile-notes.md", "", Markdown}, {"my.dockerfiles", "", Other}, {"build", "# syntax=docker/dockerfile:1\nFROM x", Dockerfile},
		{"Makefile", "", Makefile}, {"GNUmakefile", "", Makefile}, {"x/common.mk", "", Makefile}, {"Makefile.inc", "", Makefile}, {"make", "#!/usr/bin/make -f\n", Makefile},
		{"README.md", "", Markdown}, {"page.MDX", "", Markdown}, {"docs/a.rst", "", RST}, {"README", "", Text}, {"NOTES", "", Text}, {"a.txt", "", Text},
		{"requirements.txt", "", Requirements}, {"requirements-dev.txt", "", Requirements}, {"requirements/edx/base.in", "", Requirements},
		{"constraints.txt", "", Requirements}, {"my_requirements.txt", "", Requirements}, {"grove-requirements.txt", "", Requirements}, {"requirements.md", "", Markdown},
		{"notes/requirementsfoo.txt", "", Text}, {"poetry.lock", "", Lock}, {"package-lock.json", "", Lock}, {"pnpm-lock.yaml", "", Lock},
		{"package.json", "", JSON}, {"tox.ini", "", INI}, {"setup.cfg", "", INI}, {"pyproject.toml", "", TOML}, {"Pipfile", "", TOML}, {"main.tf", "", HCL},
		{"a@.service", "", Systemd}, {"a.timer", "", Systemd}, {"Vagrantfile", "", Vagrantfile}, {"site.pp", "", Puppet}, {"Jenkinsfile", "", Groovy},
		{"Jenkinsfile.release", "", Groovy}, {"Procfile", "", Procfile}, {"Procfile.dev", "", Procfile}, {"justfile", "", Justfile}, {".justfile", "", Justfile},
		{"etc/cron.d/x", "", Crontab}, {"crontab", "", Crontab}, {".env", "", Env}, {".env.local", "", Env}, {"prod.env", "", Env}, {".envrc", "", Shell},
		{"run.sh.j2", "", Jinja}, {"Dockerfile.j2", "", Jinja}, {"x.yml.erb", "", ERB}, {"a.conf.tmpl", "", Jinja},
		{".github/CODEOWNERS", "", CodeOwners}, {".gitignore", "", Ignore}, {".dockerignore", "", Ignore}, {"MANIFEST.in", "", Ignore}, {"LICENSE", "", Text},
		{"x.ipynb", "", Notebook}, {"a.ts", "", JavaScript}, {"a.vue", "", JavaScript}, {"fr.po", "", PO}, {"a.csv", "", CSV}, {"a.patch", "", Patch},
		{"index.html", "", HTML}, {"a.svg", "", XML}, {"a", "<?xml version=\"1.0\"?>", XML}, {"a", "<!DOCTYPE html>\n", HTML},
		{"a.sh", "", Shell}, {"script", "#!/usr/bin/env bash\n", Shell}, {"script", "#!/bin/sh -e", Shell}, {"script", "#!/usr/bin/env -S python3 -u\n", Python},
		{"script", "#!/usr/bin/python3.11\n", Python}, {"script", "#!/usr/bin/env ruby\n", Ruby}, {"Rakefile", "", Ruby}, {"script", "#!/usr/bin/env -S just -f\n", Justfile},
		{"script", "\xef\xbb\xbf#!/bin/sh\n", Shell}, {"script", "#!/usr/bin/env PATH=/x node\n", JavaScript}, {"script", "#!/usr/bin/tclsh\n", Other},
		{"config.yml", "", YAML}, {"private.yml.example", "", YAML}, {"Makefile.sample", "", Makefile}, {"thing.example", "", Other}, {"example", "", Other},
		{"a.go", "", Go}, {"a.rs", "", "rust"}, {"run.ps1", "", "powershell"}, {"run.bat", "", "batch"}, {"style.scss", "", "css"}, {"a.zzz", "", Other}, {"", "", Other},
	} {
		if got := Detect(c.path, []byte(c.src)); got != c.want {
			t.Errorf("Detect(%q, %q) = %q, want %q", c.path, c.src, got, c.want)
		}
	}
}
