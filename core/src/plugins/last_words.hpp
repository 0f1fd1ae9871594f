// What the process says when a plugin ends it: by a fault of the processor, by abort() or a std::terminate, by exit() or _exit().
// One line on standard error names the plugin, the room, the call and the type; the message that was being worked on is noted
// for the next start (see Suspects). Then the process ends as it would have, core dump included.
//
// What cannot be told: SIGKILL, by whomever, the system's own call exit_group, and a stack that ran over on a thread of which the
// server does not know. On a thread that a plugin started, the plugin is known by the code at fault: not if that is abort()'s. A
// plugin that sets handlers of its own for these signals takes this over.
#pragma once

namespace hubbub::plugins {

// From now on, for all threads. A sanitizer's report comes after the line. Once a process; before other threads are there.
void promise_last_words();

// That exit() is called is noticed from the latest call of this on; whatever was constructed before is still there then.
void notice_exit();

// Ends the process now, whatever its threads do. The log has been told why.
[[noreturn]] void end_now(int status);

// Notes the messages of all calls on other threads that hang.
void note_hanging_calls();

}  // namespace hubbub::plugins
