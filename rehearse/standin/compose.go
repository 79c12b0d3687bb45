package standin

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v4"
)

// composition is the file of docker compose that a call uses.
type composition struct {
	used bool
	file string
	dir  string
}

// service is what the file says of a service, as far as a command in it depends on it.
func (c composition) service(name string) (Container, error) {
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
			} `yaml:"services"`
		}
		if err := yaml.Unmarshal(src, &doc); err != nil {
			return out, fmt.Errorf("%s: %w", file, err)
		}
		s := doc.Services[name]
		out.Dir = s.WorkingDir
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
				text = filepath.Join(filepath.Dir(filepath.Join(c.dir, file)), text)
				if abs, err := filepath.Abs(text); err == nil {
					text = abs
				}
			}
			if err := out.option("-v", text); err != nil {
				return out, err
			}
		}
		return out, nil
	}
	return out, nil
}
