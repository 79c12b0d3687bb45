// Package packaging holds no code: its tests hold what "make dist" makes, and what runs the program in people's pipelines, to
// what is promised.
package packaging
