package host

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

var (
	earthTarget = lazyregexp.New(`^[A-Za-z][\w.-]*:$`)
	earthLoop   = lazyregexp.New(`(?i)^((?:--\S+\s+)*\S+\s+IN)\s+\S`)
)

// earthfile reports whether the file is an Earthfile: targets, each with instructions like those of a Dockerfile.
func (r *reader) earthfile() bool { return strings.EqualFold(path.Base(r.in.Path), "earthfile") }

// earthly reads an instruction that only an Earthfile has, and reports whether it is one.
func (d *docker) earthly(name string, p, rest piece) bool {
	switch name {
	case "VERSION", "PROJECT", "IMPORT", "BUILD", "DO", "CACHE", "HOST", "PIPELINE", "TRIGGER", "GIT", "WITH", "LOAD":
		d.pieceMark(p, site.Data, "value", "a value of "+name+", which runs no command of its own")
	case "LOCALLY", "END", "ELSE", "TRY", "CATCH", "FINALLY", "WAIT", "FUNCTION", "COMMAND":
		if strings.HasPrefix(strings.ToUpper(rest.text), "IF ") {
			d.command(name+" IF", rest.cut(3, len(rest.text)).trim(), nil, true)
		}
	case "IF", "WHILE":
		d.command(name, rest, nil, true)
	case "LET", "SET":
		d.assign(rest, "a variable of the build")
	case "FOR":
		d.pieceMark(p, site.Data, "value", "the values of a loop")
		if m := earthLoop.FindStringSubmatch(rest.text); m != nil {
			d.command(name, rest.cut(len(m[1]), len(rest.text)).trim(), nil, false)
		}
	case "SAVE":
		d.pieceMark(p, site.Data, "image", "the name of an image or an artifact")
	default:
		if !earthTarget.MatchString(p.text) {
			return false
		}
		d.pieceMark(p, site.Identifier, "image", "the name of a target")
		d.stage, d.stageAs = stage{}, ""
	}
	return true
}
