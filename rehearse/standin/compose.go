package standin

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
	"mvdan.cc/sh/v3/shell"
)

// composition is the file of docker compose that a call uses.
type composition struct {
	used bool
	file string
	dir  string
}

// service is what the file says of a service, as far as a command in it depends on it, and its image, or where that is built.
func (c composition) service(name string) (_ Container, image string, _ error) {
	names := []string{c.file}
	if c.file == "" {
		names = []string{"docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"}
	}
	var out Container
	for _, file := range names {
		src, err := os.ReadFile(filepath.Join(c.dir, file))
		if err != nil {
			continue
		}
		var doc struct {
			Services map[string]struct {
				Environment yaml.Node `yaml:"environment"`
				Volumes     []any     `yaml:"volumes"`
				WorkingDir  string    `yaml:"working_dir"`
				Image       string    `yaml:"image"`
				Build       any       `yaml:"build"`
				Command     yaml.Node `yaml:"command"`
				Entrypoint  yaml.Node `yaml:"entrypoint"`
			} `yaml:"services"`
		}
		if err := yaml.Unmarshal(src, &doc); err != nil {
			return out, "", fmt.Errorf("%s: %w", file, err)
		}
		s := doc.Services[name]
		out.Dir, out.Command, out.Entrypoint = s.WorkingDir, command(s.Command), command(s.Entrypoint)
		var list []string
		var table map[string]string
		if s.Environment.Decode(&list) == nil {
			for _, v := range list {
				out.assign(v)
			}
		} else if s.Environment.Decode(&table) == nil {
			for key, v := range table {
				out.Env = append(out.Env, key+"="+v)
			}
		}
		for _, v := range s.Volumes {
			text, ok := v.(string)
			if !ok {
				continue
			}
			if text != "" && text[0] == '.' {
				source, rest, _ := strings.Cut(text, ":")
				source = filepath.Dir(filepath.Join(c.dir, file)) + "/" + source // links on the way are followed first
				if real, err := filepath.EvalSymlinks(source); err == nil {
					source = real
				}
				text = source + ":" + rest
			}
			if err := out.option("-v", text); err != nil {
				return out, "", err
			}
		}
		return out, s.Image + " " + fmt.Sprint(s.Build), nil
	}
	return out, "", nil
}

// command is a command as a list, or as text that is split as a shell splits it; nil when there is none.
func command(n yaml.Node) []string {
	var list []string
	if n.IsZero() || n.Decode(&list) == nil {
		return list
	}
	words, err := shell.Fields(n.Value, nil)
	if err != nil {
		return nil
	}
	return words
}
