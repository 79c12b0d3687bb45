package standin

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProvisioners runs what is for apply at apply, what is for destroy at destroy, and each with its own variables.
func TestProvisioners(t *testing.T) {
	dir := t.TempDir()
	text := `variable "instances" { default = ["beta", "alpha"] }

resource "null_resource" "hosts" {
  for_each = toset(var.instances)
  triggers = {
    instance = each.key
  }
  provisioner "local-exec" {
    command     = "echo apply $${ROOT}"
    environment = { ROOT = "instances/${each.key}" }
  }
  provisioner "local-exec" {
    when    = destroy
    command = <<-EOT
      echo destroy $ROOT
      echo end
    EOT
    environment = {
      ROOT = "instances/${self.triggers.instance}"
    }
  }
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string][]string{
		"init":                                  nil,
		"plan -destroy":                         nil,
		"apply -auto-approve":                   {"apply instances/alpha", "apply instances/beta"},
		"destroy":                               {"destroy instances/alpha", "end", "destroy instances/beta", "end"},
		"apply -input=false -destroy -no-color": {"destroy instances/alpha", "end", "destroy instances/beta", "end"},
	} {
		var out, errs bytes.Buffer
		p := process{out: &out, err: &errs}
		status := p.terraform(append([]string{"-chdir=" + dir}, strings.Fields(args)...))
		got := slices.Collect(strings.Lines(out.String()))
		for i := range got {
			got[i] = strings.TrimSpace(got[i])
		}
		if diff := cmp.Diff(want, got); diff != "" || status != 0 {
			t.Errorf("%s: status %d, %s\n%s", args, status, errs.String(), diff)
		}
	}
}

// TestUnknownCommand does not run what is left of a command that a function makes, and names the function.
func TestUnknownCommand(t *testing.T) {
	dir := t.TempDir()
	text := `resource "null_resource" "bootstrap" {
  provisioner "local-exec" {
    command = templatefile("${path.module}/bootstrap.sh.tftpl", {
      instance = "alpha"
    })
  }
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	status := process{err: &errs}.terraform([]string{"-chdir=" + dir, "apply"})
	if diff := cmp.Diff("terraform: not rehearsed: a command made by templatefile\n", errs.String()); diff != "" || status != 1 {
		t.Errorf("status %d:\n%s", status, diff)
	}
}
