// The page gateway/docs/programmes.md, made from the scheme packs: the programmes and their
// examples.
#pragma once

#include <string>

namespace shikaku::domain::test {

// The whole page. Fails the running test when a programme is missing or has fewer than six
// examples.
std::string programmes_page();

}  // namespace shikaku::domain::test
