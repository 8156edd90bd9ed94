package io.inferc.benchmark.endpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Puts the events of a stream together from its bytes, as they come.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class EventLines {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private final Events events;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private String type = "";
  private boolean first = true;
  private boolean afterReturn;
  private boolean hasData;

  EventLines(Events events) {
    this.events = events;
  }

  void add(ByteBuffer bytes) throws RequestFailure {
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      if (b == '\n' && afterReturn) {
        afterReturn = false;
        continue;
      }
      afterReturn = b == '\r';
      if (b == '\n' || b == '\r') {
        end();
      } else {
        line.write(b);
      }
    }
  }

  /** Ends the stream: some servers leave out the empty line behind the last event. */
  void finish() throws RequestFailure {
    if (line.size() > 0) {
      end();
    }
    dispatch();
  }

  private void end() throws RequestFailure {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (first && text.startsWith(BYTE_ORDER_MARK)) {
      text = text.substring(1);
    }
    first = false;
    if (text.isEmpty()) {
      dispatch();
      return;
    }
    int colon = text.indexOf(':');
    String field = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    if (value.startsWith(" ")) {
      value = value.substring(1);
    }
    if (field.equals("data")) {
      data.append(hasData ? "\n" : "").append(value);
      hasData = true;
    } else if (field.equals("event")) {
      type = value;
    }
  }

  private void dispatch() throws RequestFailure {
    if (hasData) {
      String whole = data.toString();
      String of = type;
      data.setLength(0);
      hasData = false;
      type = "";
      events.event(of, whole);
    }
    type = "";
  }

  /** Takes events. */
  interface Events {
    /**
     * Takes an event.
     *
     * @param type its type, usually empty
     * @param data its lines
     */
    void event(String type, String data) throws RequestFailure;
  }
}
