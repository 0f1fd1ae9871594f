// The last line of a process that a plugin ends: by a processor fault, by abort() or std::terminate, by exit() or _exit().
// The line on standard error names the plugin, the room, the call and the type. The message that was being worked on is noted for
// the next start (see Suspects). Then the process ends as it would have, core dump included.
//
// There is no such line after a SIGKILL, after the system call exit_group, or after a stack overflow on a thread that the server does
// not know. On a thread that a plugin started, the plugin is recognized by the address of the fault, which does not work for abort().
// A plugin that sets its own handlers for these signals replaces these.
#pragma once

namespace hubbub::plugins {

// Installs the handlers, for all threads. A sanitizer's report comes after the line. Must be called once in a process, before other
// threads are started.
void promise_last_words();

// Registers again to be told of exit(). The last registration is called first, so all objects that were constructed before it still
// exist at that time.
void notice_exit();

// Ends the process now, whatever its threads do. The caller must have logged the reason.
[[noreturn]] void end_now(int status);

// Notes the messages of all hanging calls on other threads.
void note_hanging_calls();

}  // namespace hubbub::plugins
