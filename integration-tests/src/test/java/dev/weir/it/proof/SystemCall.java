package dev.weir.it.proof;

import com.google.common.base.Splitter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One system call of a trace. Immutable.
 *
 * @param name such as {@code pwrite64}
 * @param arguments as they are printed
 * @param entered the line at which it had begun at the latest
 * @param left the line at which it had ended at the latest
 * @param result what it returned; -1 for an error
 */
record SystemCall(String name, String arguments, long entered, long left, long result) {
  /** The first argument: a descriptor, with what it stands for in angle brackets. */
  private static final Pattern DESCRIPTOR =
      Pattern.compile("(?:\\d+|AT_FDCWD)<([^>]*)>.*", Pattern.DOTALL);

  private static final Splitter WORDS = Splitter.on(',').trimResults();
  private static final int HEX = 16;

  /** Returns the target of the descriptor: a path, or {@code socket:[number]}. */
  String target() {
    Matcher descriptor = DESCRIPTOR.matcher(arguments);
    return descriptor.matches() ? descriptor.group(1) : "";
  }

  /** Returns the numbers after the last string, such as length and position. */
  List<Long> numbers() {
    int behind = arguments.lastIndexOf('"') + 1;
    List<Long> numbers = new ArrayList<>();
    for (String word : WORDS.split(arguments.substring(behind))) {
      if (word.matches("-?\\d+")) {
        numbers.add(Long.parseLong(word));
      }
    }
    return numbers;
  }

  /** All strings, one after the other, as bytes. */
  byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int at = arguments.indexOf('"');
    while (at >= 0) {
      for (at++; arguments.charAt(at) != '"'; at++) {
        at = arguments.charAt(at) == '\\' ? escaped(at + 1, bytes) : plain(at, bytes);
      }
      if (arguments.startsWith("...", at + 1)) {
        throw new IllegalStateException("the trace cut a string short: line " + entered);
      }
      at = arguments.indexOf('"', at + 1);
    }
    return bytes.toByteArray();
  }

  private int plain(int at, ByteArrayOutputStream to) {
    to.write(arguments.charAt(at));
    return at;
  }

  /** Gives the place of the escape's last character. */
  private int escaped(int at, ByteArrayOutputStream to) {
    if (arguments.charAt(at) == 'x') {
      to.write(Integer.parseInt(arguments, at + 1, at + 3, HEX));
      return at + 2;
    }
    to.write(control(arguments.charAt(at)));
    return at;
  }

  private static int control(char escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'f' -> '\f';
      case 'v' -> 0x0B;
      case '\\', '"' -> escaped;
      default -> throw new IllegalStateException("an escape that is not known: \\" + escaped);
    };
  }
}
