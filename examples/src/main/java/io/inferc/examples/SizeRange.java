package io.inferc.examples;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Whole numbers from one to another.
 *
 * @param name of what they are
 * @param least the least
 * @param most the largest
 */
record SizeRange(String name, long least, long most) {
  /** Reads one as in {@code sequence_length=1..128} or {@code batch=4}. */
  static final class Text implements ITypeConverter<SizeRange> {
    private static final Pattern FORM =
        Pattern.compile("(.+)=(-?\\d{1,18})(?:\\.\\.(-?\\d{1,18}))?");

    @Override
    public SizeRange convert(String text) {
      Matcher match = FORM.matcher(text);
      if (match.matches()) {
        long least = Long.parseLong(match.group(2));
        long most = match.group(3) == null ? least : Long.parseLong(match.group(3));
        if (least <= most) {
          return new SizeRange(match.group(1), least, most);
        }
      }
      throw new TypeConversionException("'" + text + "' is no range such as NAME=1..128");
    }
  }
}
