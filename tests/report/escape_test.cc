#include "sim/report/escape.h"

#include <gtest/gtest.h>

namespace greytick::report {
namespace {

TEST(Escape, NothingOfMarkupIsLeft) {
  EXPECT_EQ(escaped("<script>alert(\"1\")</script>"),
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  EXPECT_EQ(escaped("a & b's"), "a &amp; b&#39;s");
  // Text that was escaped before is text too.
  EXPECT_EQ(escaped("&lt;"), "&amp;lt;");
}

TEST(Escape, OtherTextStaysAsItIs) {
  EXPECT_EQ(escaped("sent → ✓✓ 夜 🐈\tone\ntwo"), "sent → ✓✓ 夜 🐈\tone\ntwo");
}

TEST(Escape, WhatIsNoUtf8AndWhatControlsIsReplaced) {
  struct Case {
    const char* name;
    std::string in, out;
  };
  const std::string bad = "\xef\xbf\xbd";
  const Case cases[] = {
      {"nul", std::string("a\0b", 3), "a" + bad + "b"},
      {"escape", "\x1b[31m", bad + "[31m"},
      {"delete", "\x7f", bad},
      {"lone continuation", "\x80x", bad + "x"},
      {"cut short", "x\xe2\x9c", "x" + bad + bad},
      {"lead without continuation", "\xc3(", bad + "("},
      {"overlong <", "\xc0\xbc", bad + bad},
      {"overlong in three", "\xe0\x80\xbc", bad + bad + bad},
      {"overlong in four", "\xf0\x80\x80\xbc", bad + bad + bad + bad},
      {"surrogate", "\xed\xa0\x80", bad + bad + bad},
      {"above U+10FFFF", "\xf4\x90\x80\x80", bad + bad + bad + bad},
      {"no lead", "\xff", bad},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(escaped(c.in), c.out);
  }
}

TEST(Escape, LongTextIsCutAtACharacter) {
  EXPECT_EQ(escaped("abcdef", 6), "abcdef");
  EXPECT_EQ(escaped("abcdefg", 6), "abcdef…");
  EXPECT_EQ(escaped("ab✓✓", 7), "ab✓…");
  EXPECT_EQ(escaped("<<<<", 2), "&lt;&lt;…");
}

TEST(Escape, JsonCannotEndItsElement) {
  const nlohmann::ordered_json json = {{"a", "</script><!--"}, {"b", "\xff"}};
  const std::string text = json_for_script(json);
  EXPECT_EQ(text.find('<'), std::string::npos) << text;
  EXPECT_EQ(nlohmann::json::parse(text).at("a"), "</script><!--");
}

}  // namespace
}  // namespace greytick::report
