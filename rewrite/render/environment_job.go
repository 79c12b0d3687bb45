package render

import (
	"regexp"
	"strings"
)

// JobPlace is where a command runs that becomes a line of a job's script.
const JobPlace = "job"

// EnvironmentJob is what a job is called that builds the environment of an instance, after another job of the instance: what
// stands around the instance stays.
func EnvironmentJob(like, instance string) string {
	const name = "environment"
	head, tail, found := strings.Cut(like, instance)
	if !found || strings.ContainsAny(head, "{<%$") {
		return instance + ": " + name
	}
	if tail == "" {
		return regexp.MustCompile(`[\w-]*[A-Za-z0-9]`).ReplaceAllLiteralString(head, name) + instance
	}
	separator := regexp.MustCompile(`^[^A-Za-z0-9{<%]*`).FindString(tail)
	if separator == "" {
		separator = ": "
	}
	return head + instance + separator + name
}
