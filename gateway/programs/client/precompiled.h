// As gateway/http/precompiled.h, with the command line.
#pragma once

#include "gateway/http/precompiled.h"

#include <CLI/CLI.hpp>
