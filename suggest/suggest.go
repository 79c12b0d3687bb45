// Package suggest finds the known word that a mistyped one was meant to be.
package suggest

import (
	"slices"
	"strings"
)

// Meant is a question to put behind a message about an unknown word ("; did you mean scan?"), or nothing when no known
// word is near.
func Meant(given string, known []string) string {
	if word := Nearest(given, known); word != "" {
		return "; did you mean " + word + "?"
	}
	return ""
}

// Nearest is the known word with the fewest typing mistakes, of equal ones the first. Without one that is near enough it
// is empty. What stands before the last slash is no reason to be near.
func Nearest(given string, known []string) string {
	own := len(given) - 1 - strings.LastIndexByte(given, '/')
	best, least := "", min(1+(own-1)/4, own-1)
	for _, word := range known {
		n := distance(strings.ToLower(given), strings.ToLower(word))
		if len(given) > 2 && strings.HasPrefix(word, given) {
			n = min(n, 1)
		}
		if word != given && n <= least && (best == "" || n < least) {
			best, least = word, n
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or exchange with their neighbour.
func distance(a, b string) int {
	var before, above []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row = above, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = slices.Min([]int{above[j] + 1, row[j-1] + 1, above[j-1] + cost})
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
