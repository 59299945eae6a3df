# Reads layers.txt, then lines "file:line:#include ..." and prints those that break a rule.

# Is `path` the named file or below the named folder? `*` in a name stands for any one name.
function covers(name, path) {
    gsub(/[.]/, "[.]", name)
    gsub(/[*]/, "[^/]*", name)
    return path ~ ("^" name "(/|$)")
}

# The row of the table that a file belongs to: the longest name that covers it.
function row_of(path,    name, best) {
    best = ""
    for (name in allowed) {
        if (covers(name, path) && length(name) > length(best)) best = name
    }
    return best
}

function any_covers(names, path,    i, n, list) {
    n = split(names, list, " ")
    for (i = 1; i <= n; i++) {
        if (covers(list[i], path)) return 1
    }
    return 0
}

function complain(text) {
    print file ":" line ": " text
    bad = 1
}

function check_project_header(header,    row) {
    if (header !~ /^(gateway|adapters|municipal-mocks)\//) {
        complain("\"" header "\" is not named from the root of the project")
        return
    }
    row = row_of(file)
    if (row == "") {
        complain("the table of layers does not know this folder")
    } else if (row_of(header) != row || row ~ /[*]/ && !same_folder(header)) {
        if (!any_covers(allowed[row] " " except_for(file), header)) {
            complain(row " may not include " header)
        }
    }
}

# Two files under one row with a `*` are at home only in the same folder.
function same_folder(header,    mine, theirs) {
    mine = file
    theirs = header
    sub(/\/[^\/]*$/, "", mine)
    sub(/\/[^\/]*$/, "", theirs)
    return mine == theirs
}

function except_for(path,    name, all) {
    all = ""
    for (name in exceptions) {
        if (covers(name, path)) all = all " " exceptions[name]
    }
    return all
}

function check_library(header,    start) {
    for (start in libraries) {
        if (index(header, start) == 1 && !any_covers(libraries[start], file)) {
            complain("<" header "> belongs into " libraries[start] " only")
        }
    }
}

FNR == NR {
    if ($0 ~ /^#/ || NF == 0) next
    if ($0 ~ /^\[/) {
        section = $1
        next
    }
    split($0, half, /[ \t]+:[ \t]*/)
    if (section == "[layers]") {
        allowed[half[1]] = half[2]
    } else if (section == "[exceptions]") {
        if (half[2] == "") {
            print "layers.txt:" FNR ": an exception without a reason"
            bad = 1
        }
        split(half[1], edge, /[ \t]*->[ \t]*/)
        exceptions[edge[1]] = exceptions[edge[1]] " " edge[2]
    } else if (section == "[libraries]") {
        libraries[half[1]] = half[2]
    }
    next
}

{
    file = $0
    sub(/:.*/, "", file)
    line = substr($0, length(file) + 2)
    sub(/:.*/, "", line)
    header = $0
    sub(/^[^"<]*["<]/, "", header)
    quoted = $0 ~ /include[ \t]*"/
    sub(/[">].*/, "", header)
    total++
    if (quoted) {
        check_project_header(header)
    } else {
        check_library(header)
    }
}

END {
    if (total == 0) {
        print "no #include was found at all"
        bad = 1
    }
    if (!bad) print total " includes, all as layers.txt has it"
    exit bad
}
