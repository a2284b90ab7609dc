#include "vfs/net/xml.hpp"

#include <utility>

namespace cairn::vfs::net {
namespace {

constexpr std::size_t kMaxSize = 16U << 20U;

}  // namespace

std::optional<XmlDocument> XmlDocument::parse(std::string text) {
  if (text.size() > kMaxSize) return {};
  const std::size_t start = text.find_first_not_of(" \t\r\n");  // sent to keep a connection alive
  if (start == std::string::npos) return {};
  XmlDocument result;
  result.text_ = std::make_unique<std::string>(std::move(text));
  result.document_ = std::make_unique<pugi::xml_document>();
  // parse_doctype only so that one can be seen and refused; pugixml never expands its entities.
  const auto outcome = result.document_->load_buffer_inplace(
      result.text_->data() + start, result.text_->size() - start,
      pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single,
      pugi::encoding_utf8);
  if (!outcome || result.root().empty()) return {};
  for (const pugi::xml_node& node : result.document_->children()) {
    if (node.type() == pugi::node_doctype) return {};
  }
  return result;
}

std::string_view XmlDocument::root_name() const {
  const std::string_view name = root().name();
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string xml_escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\r':
        result += "&#13;";  // a raw one would be read as a line feed
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace cairn::vfs::net
