#include "net/beast.hpp"

#include <boost/beast/src.hpp>
