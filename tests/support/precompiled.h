// As gateway/http/precompiled.h, with the test library.
#pragma once

#include "gateway/http/precompiled.h"

#include <catch2/catch.hpp>
