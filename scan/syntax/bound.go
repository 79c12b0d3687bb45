package syntax

// chunk is how many bytes the parser gets at once; native.go has the same number.
const chunk = 4 << 10

// reads is how often the parser may ask for a chunk of a text of n bytes. It goes through a text a little more than once,
// but for each mistake it may go on to the end of the text to look for what closes a string.
func reads(n int) int { return 6*(n/chunk) + 512 }

// microseconds is how long the parser may take for a text of n bytes: some ten times what it needs for the worst text
// without mistakes. It is the last resort, for mistakes that cost more than reading.
func microseconds(n int) int { return 1_000_000 + 4*n }

// Parts is how many words and signs a text has, counted no further than just beyond most: about as many nodes as its tree has leaves, without
// parsing it. A run of one letter or digit after the other is one word, whatever it stands in; blanks do not count.
func Parts(src []byte, most int) int {
	n, word := 0, false
	for _, c := range src {
		switch {
		case c <= ' ':
			word = false
		case c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c >= 0x80:
			if !word {
				n++
			}
			word = true
		default:
			n++
			word = false
		}
		if n > most {
			break
		}
	}
	return n
}
