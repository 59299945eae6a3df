// As gateway/support/precompiled.h, with the test library.
#pragma once

#include "gateway/support/precompiled.h"

#include <catch2/catch.hpp>
