#include "api/static_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <hubbub/plugin.hpp>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/log_lines.hpp"
#include "protocol/json.hpp"
#include "runtime/descriptor.hpp"

namespace hubbub::api {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Headers = std::map<std::string, std::string>;

struct Answered {
  unsigned status;
  Headers headers;
  std::string body;
};

// A directory of one's own to serve, beside one with the client library.
struct StaticFilesTest : ::testing::Test {
  StaticFilesTest() {
    std::string name = (fs::temp_directory_path() / "hubbub-files-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    for (const auto& [file, text] : std::map<std::string, std::string>{
             {"site/index.html", "front"}, {"site/digits.txt", "0123456789"}, {"site/docs/index.html", "docs"}, {"site/x.sandbox.html", "sandbox"},
             {"site/.env", "secret"}, {"site/.git/config", "secret"}, {"secret.txt", "secret"}, {"site2/secret.txt", "secret"},
             {"pages/lib/hubbub.js", "library"}, {"pages/lib/.hidden", "secret"}, {"pages/secret.txt", "secret"}, {"pages/lib/both.js", "theirs"},
             {"site/lib/both.js", "own"}}) {
      write(file, text);
    }
  }
  ~StaticFilesTest() override { fs::remove_all(folder); }

  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((folder / file).parent_path());
    std::ofstream{folder / file} << text;
  }
  // Seconds after the file was written.
  void age(const fs::path& file, int seconds) const {
    fs::last_write_time(folder / file, fs::last_write_time(folder / "site/index.html") + std::chrono::seconds{seconds});
  }
  Answered ask(std::string_view path, const Headers& headers = {}, std::string_view method = "GET", const std::string& policy = {}) const {
    const StaticFiles files{folder / "site", folder / "pages", policy};
    const std::string target = "/static/" + std::string{path};
    const auto header = [&](std::string_view name) -> std::string_view {
      const auto found = headers.find(std::string{name});
      return found == headers.end() ? std::string_view{} : found->second;
    };
    auto response = files.answer({method, target, header}, path.substr(0, path.find('?')));
    Answered answered{response.status, {response.headers.begin(), response.headers.end()}, {}};
    if (auto* text = std::get_if<std::string>(&response.body)) {
      answered.body = *text;
    } else {
      const auto& slice = std::get<net::FileSlice>(response.body);
      answered.body.resize(slice.length);
      EXPECT_EQ(::pread(slice.file.get(), answered.body.data(), slice.length, static_cast<off_t>(slice.offset)),
                static_cast<ssize_t>(slice.length));
    }
    return answered;
  }

  fs::path folder;
};

TEST_F(StaticFilesTest, are_sent_with_what_a_browser_has_to_know_of_them) {
  const auto page = ask("index.html");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(page.body, "front");
  auto headers = page.headers;
  EXPECT_NE(headers["ETag"], "");
  EXPECT_NE(headers["Content-Security-Policy"].find("script-src 'self' 'wasm-unsafe-eval';"), std::string::npos);
  EXPECT_NE(headers["Content-Security-Policy"].find("frame-ancestors 'self'"), std::string::npos);
  headers.erase("ETag"), headers.erase("Content-Security-Policy");
  EXPECT_EQ(headers, (Headers{{"Content-Type", "text/html; charset=utf-8"}, {"Vary", "Accept-Encoding"}, {"Cache-Control", "no-cache"},
                              {"Accept-Ranges", "bytes"}, {"Access-Control-Allow-Origin", "*"}, {"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "same-origin"}}));
}

TEST_F(StaticFilesTest, are_unavailable_and_not_missing_while_the_process_has_no_descriptors_left) {
  const bool logs = std::string_view{HUBBUB_SANITIZER} == "none";  // what checks a logger's memory takes descriptors
  const LogLines log;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto next = static_cast<rlim_t>(runtime::Descriptor{::dup(0)}.get());
  const rlimit none_left{next, limit.rlim_max};
  if (!logs) spdlog::set_level(spdlog::level::off);
  ::setrlimit(RLIMIT_NOFILE, &none_left);
  const auto first = ask("index.html"), second = ask("index.html"), missing = ask("missing.html");
  ::setrlimit(RLIMIT_NOFILE, &limit);
  spdlog::set_level(spdlog::level::info);
  for (const auto& answer : {first, second}) {
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.headers.at("Retry-After"), "10");
  }
  EXPECT_EQ(missing.status, 404U);
  EXPECT_EQ(log.take("cannot open files for now: Too many open files").size(), logs ? 1U : 0U);
  EXPECT_EQ(ask("index.html").status, 200U);
}

TEST_F(StaticFilesTest, have_the_policy_that_is_asked_for_but_in_a_sandbox) {
  EXPECT_EQ(ask("index.html", {}, "GET", "default-src *").headers["Content-Security-Policy"], "default-src *");
  for (const auto* policy : {"", "default-src *"}) {
    auto sandboxed = ask("x.sandbox.html", {}, "GET", policy).headers["Content-Security-Policy"];
    EXPECT_TRUE(sandboxed.starts_with("sandbox allow-scripts; default-src 'none';")) << sandboxed;
    EXPECT_EQ(sandboxed.find("allow-same-origin"), std::string::npos);
  }
}

TEST_F(StaticFilesTest, have_the_policy_and_the_type_of_that_to_which_a_link_leads) {
  write("site/linked/style.css", "");
  for (const auto& [link, leads_to] : std::map<const char*, const char*>{{"app.html", "x.sandbox.html"}, {"app.txt", "x.sandbox.html"},
                                                                         {"linked/index.html", "../x.sandbox.html"}, {"link.sandbox.html", "index.html"},
                                                                         {"no.sandbox.html", "digits.txt"}, {"twice.html", "app.html"}}) {
    fs::create_symlink(leads_to, folder / "site" / link);
    auto linked = ask(link).headers, itself = ask((fs::path{link}.parent_path() / leads_to).lexically_normal().native()).headers;
    EXPECT_EQ(linked, itself) << link;
    EXPECT_EQ(linked["Content-Security-Policy"].starts_with("sandbox"), fs::canonical(folder / "site" / link).filename() == "x.sandbox.html") << link;
  }
  EXPECT_TRUE(ask("linked/").headers["Content-Security-Policy"].starts_with("sandbox"));
}

TEST_F(StaticFilesTest, have_a_type_by_their_names_and_none_that_runs_if_that_says_nothing) {
  for (const auto& [name, type] : std::map<std::string, std::string>{
           {"a.css", "text/css; charset=utf-8"}, {"a.js", "text/javascript; charset=utf-8"}, {"a.mjs", "text/javascript; charset=utf-8"},
           {"A.JPG", "image/jpeg"}, {"a.wasm", "application/wasm"}, {"a.svg", "image/svg+xml"}, {"a.tar.json", "application/json"},
           {"a.xyz", "application/octet-stream"}, {"a", "application/octet-stream"}, {"a.", "application/octet-stream"}}) {
    write("site/" + name, "");
    EXPECT_EQ(ask(name).headers["Content-Type"], type) << name;
  }
}

TEST_F(StaticFilesTest, are_none_outside_of_the_directory_nor_any_that_is_hidden_or_no_file) {
  fs::create_symlink("../secret.txt", folder / "site/outside");
  fs::create_directory_symlink("../site2", folder / "site/sibling");
  fs::create_symlink(".env", folder / "site/shown");
  fs::create_symlink("digits.txt", folder / "site/.dotted");
  fs::create_symlink("round", folder / "site/round");
  fs::create_directories(folder / "site/bare");
  ASSERT_EQ(::mkfifo((folder / "site/pipe").c_str(), 0600), 0);
  for (const std::string path : {"../secret.txt", "docs/../../secret.txt", "/../secret.txt", "outside", "sibling/secret.txt", ".env", "shown",
                                 ".git/config", ".dotted", "round", "bare", "bare/", "pipe", "nowhere", "digits.txt/", "index.html/x"}) {
    const auto refused = ask(path);
    EXPECT_EQ(refused.status, 404U) << path;
    EXPECT_EQ(refused.body.find("secret"), std::string::npos) << path;
    EXPECT_TRUE(Json::parse(refused.body).contains("error")) << path;
  }
  EXPECT_EQ(ask(std::string_view{"digits.txt\0.png", 15}).status, 404U);
  fs::create_symlink("digits.txt", folder / "site/inside");
  EXPECT_EQ(ask("inside").body, "0123456789");
}

TEST_F(StaticFilesTest, under_lib_are_the_servers_own_if_there_are_no_others) {
  EXPECT_EQ(ask("lib/hubbub.js").body, "library");
  EXPECT_EQ(ask("lib/both.js").body, "own");
  for (const auto* path : {"lib/.hidden", "lib/../secret.txt", "secret.txt", "library/hubbub.js", "lib"}) EXPECT_EQ(ask(path).status, 404U) << path;
}

TEST_F(StaticFilesTest, of_a_folder_are_its_index_under_its_name_with_a_slash) {
  EXPECT_EQ(ask("docs/").body, "docs");
  const auto led = ask("docs?a=b&c");
  EXPECT_EQ(led.status, 302U);
  EXPECT_EQ(led.headers.at("Location"), "/static/docs/?a=b&c");
  EXPECT_EQ(ask("").body, "front");
}

TEST_F(StaticFilesTest, are_not_sent_again_to_who_has_them_until_they_change) {
  const auto tag = ask("digits.txt").headers["ETag"];
  const auto again = ask("digits.txt", {{"If-None-Match", tag}, {"Range", "bytes=0-1"}});
  EXPECT_EQ(again.status, 304U);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.headers.at("ETag"), tag);
  EXPECT_EQ(ask("digits.txt", {{"If-None-Match", "\"another\""}}).status, 200U);
  age("site/digits.txt", 5);
  EXPECT_NE(ask("digits.txt").headers["ETag"], tag) << "another time";
  age("site/digits.txt", 5);
  const auto before = ask("digits.txt").headers["ETag"];
  write("site/digits.txt", "9876543210!");
  age("site/digits.txt", 5);
  EXPECT_NE(ask("digits.txt").headers["ETag"], before) << "another size";
}

TEST_F(StaticFilesTest, have_another_tag_after_each_change_however_soon) {
  const auto first = fs::last_write_time(folder / "site/digits.txt");
  std::set<std::string> tags;
  const std::vector<std::chrono::nanoseconds> later{0ns, 100ns, 1us, 1ms, 500ms, 1s, 1s + 1us, 1h};
  for (const auto& passed : later) {
    fs::last_write_time(folder / "site/digits.txt", first + passed);
    tags.insert(ask("digits.txt").headers["ETag"]);
  }
  EXPECT_EQ(tags.size(), later.size());
}

// RFC 9110, 13.1.5: only one that is exactly the file's.
TEST_F(StaticFilesTest, are_sent_whole_to_who_has_a_part_that_may_be_of_another) {
  const auto tag = ask("digits.txt").headers["ETag"];
  const Headers part{{"Range", "bytes=0-3"}};
  const auto with = [&](const std::string& valid) {
    auto headers = part;
    headers["If-Range"] = valid;
    return ask("digits.txt", headers);
  };
  EXPECT_EQ(with(tag).status, 206U);
  for (const auto& valid : {"W/" + tag, "w/" + tag, tag + ", \"x\"", "\"x\", " + tag, tag + tag, tag + ",", std::string{"*"}, tag.substr(1, tag.size() - 2),
                            tag.substr(0, tag.size() - 1), "\"" + tag + "\"", std::string{"\"\""}, std::string{"Sun, 06 Nov 2094 08:49:37 GMT"}}) {
    const auto whole = with(valid);
    EXPECT_EQ(whole.status, 200U) << valid;
    EXPECT_EQ(whole.body, "0123456789") << valid;
  }
  write("site/digits.txt.gz", "zipped");
  age("site/digits.txt.gz", 5);
  EXPECT_EQ(ask("digits.txt", {{"Range", "bytes=0-3"}, {"If-Range", tag}, {"Accept-Encoding", "gzip"}}).body, "zipped") << "a part of another form";
  EXPECT_EQ(ask("digits.txt", {{"If-None-Match", "W/" + tag}}).status, 304U) << "what is only to be shown may be compared weakly";
}

TEST_F(StaticFilesTest, are_compressed_where_they_lie) {
  write("site/.encoded/lib/hubbub.js.gz", "of nothing");
  for (const auto* file : {"pages/.encoded/lib/hubbub.js.gz", "site/.encoded/lib/both.js.gz", "pages/.encoded/lib/both.js.gz"}) write(file, file);
  EXPECT_EQ(ask("lib/hubbub.js", {{"Accept-Encoding", "gzip"}}).body, "pages/.encoded/lib/hubbub.js.gz");
  EXPECT_EQ(ask("lib/both.js", {{"Accept-Encoding", "gzip"}}).body, "site/.encoded/lib/both.js.gz");
  for (const auto* file : {"pages/lib/hubbub.js.br", "site/lib/both.js.br", "pages/lib/both.js.br"}) write(file, file);
  EXPECT_EQ(ask("lib/hubbub.js", {{"Accept-Encoding", "gzip, br"}}).body, "pages/lib/hubbub.js.br");
  EXPECT_EQ(ask("lib/both.js", {{"Accept-Encoding", "gzip, br"}}).body, "site/lib/both.js.br");
}

TEST_F(StaticFilesTest, are_sent_in_parts_to_who_asks_for_one) {
  const auto part = ask("digits.txt", {{"Range", "bytes=2-5"}});
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.body, "2345");
  EXPECT_EQ(part.headers.at("Content-Range"), "bytes 2-5/10");
  const auto none = ask("digits.txt", {{"Range", "bytes=10-"}});
  EXPECT_EQ(none.status, 416U);
  EXPECT_EQ(none.headers.at("Content-Range"), "bytes */10");
  const auto tag = ask("digits.txt").headers["ETag"];
  EXPECT_EQ(ask("digits.txt", {{"Range", "bytes=2-5"}, {"If-Range", tag}}).status, 206U);
  EXPECT_EQ(ask("digits.txt", {{"Range", "bytes=2-5"}, {"If-Range", "\"old\""}}).body, "0123456789");
  EXPECT_EQ(ask("digits.txt", {{"Range", "bytes=2-5"}}, "HEAD").status, 200U);
}

TEST_F(StaticFilesTest, are_sent_compressed_to_who_takes_it_unless_the_file_is_newer) {
  write("site/digits.txt.gz", "zipped");
  write("site/.encoded/digits.txt.br", "squeezed");
  for (const auto* name : {"site/digits.txt", "site/digits.txt.gz", "site/.encoded/digits.txt.br"}) age(name, 0);
  const auto plain = ask("digits.txt");
  EXPECT_FALSE(plain.headers.contains("Content-Encoding"));
  fs::last_write_time(folder / "site/digits.txt", fs::last_write_time(folder / "site/digits.txt.gz") + std::chrono::microseconds{1});
  EXPECT_EQ(ask("digits.txt", {{"Accept-Encoding", "gzip"}}).body, plain.body) << "newer, if only just";
  age("site/digits.txt", 0);
  const auto zipped = ask("digits.txt", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(zipped.body, "zipped");
  EXPECT_EQ(zipped.headers.at("Content-Encoding"), "gzip");
  EXPECT_EQ(zipped.headers.at("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(zipped.headers.at("Vary"), "Accept-Encoding");
  EXPECT_NE(zipped.headers.at("ETag"), plain.headers.at("ETag"));
  EXPECT_EQ(ask("digits.txt", {{"Accept-Encoding", "gzip, br"}}).body, "squeezed") << "the best of equals";
  EXPECT_EQ(ask("digits.txt", {{"Accept-Encoding", "gzip, br;q=0.5"}}).body, "zipped");
  const auto neither = ask("digits.txt", {{"Accept-Encoding", "identity;q=0, deflate"}});
  EXPECT_EQ(neither.status, 406U);
  EXPECT_EQ(neither.headers.at("Vary"), "Accept-Encoding");
  age("site/digits.txt", 1);
  EXPECT_EQ(ask("digits.txt", {{"Accept-Encoding", "gzip, br"}}).body, "0123456789");
  fs::remove(folder / "site/digits.txt.gz");
  fs::create_symlink("../secret.txt", folder / "site/digits.txt.gz");
  age("site/digits.txt", -5);
  EXPECT_EQ(ask("digits.txt", {{"Accept-Encoding", "gzip"}}).body, "0123456789") << "a link may lead anywhere";
}

TEST(StaticFiles, of_a_directory_that_is_not_there_are_none) {
  const StaticFiles files{"/no/such/directory", "/nor/this", {}};
  const auto header = [](std::string_view) { return std::string_view{}; };
  for (const auto* path : {"", "index.html", "lib/hubbub.js"}) EXPECT_EQ(files.answer({"GET", "/static/", header}, path).status, 404U);
}

}  // namespace
}  // namespace hubbub::api
