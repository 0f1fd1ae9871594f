#include "store/shelf.hpp"

#include <utility>

#include "store/reader.hpp"

namespace hubbub::store {

Shelf::Shelf(std::string its_name, Post its_post, std::string its_epoch)
    : name(std::move(its_name)), post(std::move(its_post)), epoch(std::move(its_epoch)) {}

Shelf::~Shelf() = default;

}  // namespace hubbub::store
