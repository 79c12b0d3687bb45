package pipelines

import "gitlab.com/opencraft/dev/grove-migrate/scan/yaml"

// entry is what stands at a key at the top of one of the files; nil when none has it.
func entry(files []*file, name string) (*file, *yaml.Node) {
	for _, f := range files {
		for i, key := range f.top.Keys {
			if key != nil && f.raw(key) == name && f.top.Items[i] != nil {
				return f, f.tree.Follow(f.top.Items[i])
			}
		}
	}
	return nil, nil
}

// nearest is what stands at a key of the jobs called names, or of what they extend: the last one named wins, and a job wins
// over what it extends. It is nil when none has the key.
func nearest(files []*file, names []string, key string) (*file, *yaml.Node) {
	return nearestOf(files, names, key, 11) // GitLab admits eleven levels of extends
}

func nearestOf(files []*file, names []string, key string, levels int) (*file, *yaml.Node) {
	for i := len(names) - 1; i >= 0 && levels > 0; i-- {
		f, node := entry(files, names[i])
		if node == nil || node.Kind != yaml.Mapping {
			continue
		}
		j := job{file: f, node: node}
		if _, value := j.get(key); value != nil {
			return f, value
		}
		_, extends := j.get("extends")
		if f, value := nearestOf(files, f.names(extends), key, levels-1); value != nil {
			return f, value
		}
	}
	return nil, nil
}

// inherited is what stands at a key of the jobs that a job extends.
func inherited(files []*file, j *job, key string) (*file, *yaml.Node) {
	_, extends := j.get("extends")
	return nearest(files, j.file.names(extends), key)
}
