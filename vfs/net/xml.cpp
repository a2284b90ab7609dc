#include "vfs/net/xml.hpp"

#include <utility>

#include "vfs/net/xml_scan.hpp"

namespace cairn::vfs::net {

std::optional<XmlDocument> XmlDocument::parse(std::string text) {
  if (!is_harmless_xml(text)) return {};
  const std::size_t start = text.find_first_not_of(" \t\r\n");  // sent to keep a connection alive
  if (start == std::string::npos) return {};
  XmlDocument result;
  result.text_ = std::make_unique<std::string>(std::move(text));
  result.document_ = std::make_unique<pugi::xml_document>();
  const auto outcome = result.document_->load_buffer_inplace(
      result.text_->data() + start, result.text_->size() - start,
      pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!outcome || result.root().empty()) return {};
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
