package venv

import "fmt"

// side is the one on which this process builds environments: the tools
// container, as Grove's wrapper and its pipelines run it, or any other machine.
func (k *Keeper) side() string {
	if k.Contained && k.getenv("CI_PROJECT_DIR") != "" {
		return "tools"
	}
	return "host"
}

// onOtherSide notes that the environment belongs to the other side, whose Python is not here: that is no fault, and no reason to build
// it again and again in turns.
func (i *inspection) onOtherSide() bool {
	if i.state.Side == "" || i.state.Side == i.side() {
		return false
	}
	name := i.inst.Name
	text := fmt.Sprintf("it was built on the host, for a Python that is not in this container; `grove-migrate venv reset %s%s` builds it for the container", name, i.getenv(againVariable))
	if i.side() == "host" {
		text = fmt.Sprintf("it was built in the tools container, for a Python that is not on this machine; `grove-migrate venv reset %s --host` builds it for this machine", name)
		if t, _, err := i.Where(Choice{}); t != nil && err == nil {
			text += fmt.Sprintf(", and there `grove-migrate venv update %[1]s` updates it and `grove-migrate venv activate %[1]s -- COMMAND` runs a command", name)
		}
	}
	i.verdict.Notes = append(i.verdict.Notes, Reason{"elsewhere", text})
	return true
}

// Elsewhere says that an environment belongs to the other side, and what to do; it is empty when it can be used here.
func (v Verdict) Elsewhere() string {
	for _, n := range v.Notes {
		if n.Code == "elsewhere" {
			return n.Text
		}
	}
	return ""
}
