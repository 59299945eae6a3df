# Puts sources into few groups, each of which can be compiled as one: prints "GROUP<tab>FILE" for each
# file named, at least `least` groups. Two files are kept apart when both have a name for themselves
# (in an unnamed namespace, at the left margin, where clang-format leaves it) or a main().
function fits(group,    i) {
    for (i = 1; i <= count; i++) {
        if ((group, names[i]) in taken) return 0
    }
    return 1
}

# The smallest group that has none of the file's names yet.
function place(    group, best, i) {
    if (file == "") return
    for (group = 1; group <= groups; group++) {
        if (fits(group) && (best == 0 || size[group] < size[best])) best = group
    }
    if (best == 0) best = ++groups
    for (i = 1; i <= count; i++) taken[best, names[i]] = 1
    size[best]++
    print best "\t" file
}

BEGIN { groups = least }
FNR == 1 { place(); file = FILENAME; count = own = 0 }
/^namespace {/ { own = 1 }
/^}  \/\/ namespace$/ { own = 0 }
/^int main\(/ { names[++count] = "main" }
!own || !/^[A-Za-z]/ || /^(namespace|using namespace) / || /^using [A-Za-z0-9_:]+;/ { next }
{
    line = $0
    sub(/^template <.*> /, "", line)
    if (sub(/^(struct|class|enum class|enum|union|concept|using) /, "", line)) {
        sub(/ .*|[;:{(<]$/, "", line)
    } else {
        sub(/[({[=;].*/, "", line)
    }
    sub(/ +$/, "", line)
    sub(/.*[^A-Za-z0-9_]/, "", line)
    if (line !~ /^([A-Z][A-Z0-9_]+|static_assert|)$/) names[++count] = line
}
END { place() }
