package io.inferc.examples;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of things, of which there is at least one. */
final class PositiveCount implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    if (!text.matches("[1-9]\\d{0,5}")) {
      throw new TypeConversionException("'" + text + "' is not a number from 1 to 999999");
    }
    return Integer.valueOf(text);
  }
}
