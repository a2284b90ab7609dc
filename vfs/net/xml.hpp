// XML of services, with limits: no DTD, no entities but the five of XML (see xml_scan.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pugixml.hpp>

namespace cairn::vfs::net {

/// A parsed response; owns its text.
class XmlDocument {
 public:
  /// Absent if the text is not well-formed, or not harmless.
  [[nodiscard]] static std::optional<XmlDocument> parse(std::string text);

  [[nodiscard]] pugi::xml_node root() const { return document_->document_element(); }
  /// Without a namespace prefix.
  [[nodiscard]] std::string_view root_name() const;

 private:
  // Both stay where they are when the document moves: the tree points into the text.
  std::unique_ptr<std::string> text_;
  std::unique_ptr<pugi::xml_document> document_;
};

/// The text of a child element, empty if there is none.
[[nodiscard]] inline std::string_view child_text(const pugi::xml_node& node, const char* name) {
  return node.child(name).text().get();
}

/// A text as element content.
[[nodiscard]] std::string xml_escape(std::string_view text);

}  // namespace cairn::vfs::net
