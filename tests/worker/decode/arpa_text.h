// A small trigram model for tests, with everything that the format allows: backoff weights left
// out, -99, tabs and spaces. "b a" is missing as a 2-gram though a 3-gram begins with it, as in
// pruned models; "c" is followed by nothing.
#pragma once

namespace lockstep {

inline constexpr const char* kSmallArpa = R"(made by hand

\data\
ngram 1=6
ngram 2=5
ngram 3=3

\1-grams:
-99	<s>	-0.5
-1.0	</s>
-1.5	<unk>
-0.4	a	-0.2
-0.6 b -0.3
-0.9	c

\2-grams:
-0.3	<s> a	-0.1
-0.5	a b	-0.4
-0.7	a c
-0.2	b c	0.05
-0.8	c </s>

\3-grams:
-0.1	<s> a b
-0.25	b a c
-0.15	a b c

\end\
)";

}  // namespace lockstep
