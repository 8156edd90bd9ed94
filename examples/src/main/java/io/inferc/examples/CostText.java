package io.inferc.examples;

import io.inferc.benchmark.Cost;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What a machine costs: rented, as in {@code 1.20/h} or {@code 1.20EUR/h}, or bought, as in {@code
 * price=9000,years=4,watts=350,kwh=0.25}.
 */
final class CostText implements ITypeConverter<Cost> {
  private static final Pattern RENT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(\\p{L}*|\\p{Sc})/h");
  private static final List<String> PURCHASE = List.of("price", "years", "watts", "kwh");
  private static final String MONEY = "units of money";

  @Override
  public Cost convert(String text) {
    try {
      Matcher rent = RENT.matcher(text);
      if (rent.matches()) {
        String currency = rent.group(2).isEmpty() ? MONEY : rent.group(2);
        return Cost.rented(Double.parseDouble(rent.group(1)), currency);
      }
      Map<String, Double> given = new LinkedHashMap<>();
      for (String part : text.split(",", -1)) {
        String[] pair = part.split("=", -1);
        if (pair.length != 2 || given.put(pair[0], Double.valueOf(pair[1])) != null) {
          throw refused(text);
        }
      }
      if (!given.keySet().equals(Map.of("price", 0, "years", 0, "watts", 0, "kwh", 0).keySet())) {
        throw refused(text);
      }
      List<Double> figures = PURCHASE.stream().map(name -> given.getOrDefault(name, 0.0)).toList();
      return Cost.owned(
          new Cost.Purchase(figures.get(0), figures.get(1), figures.get(2), figures.get(3)), MONEY);
    } catch (NumberFormatException e) {
      throw refused(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' cannot be a cost: " + e.getMessage());
    }
  }

  private static TypeConversionException refused(String text) {
    return new TypeConversionException(
        "'" + text + "' is no cost such as 1.20EUR/h or price=9000,years=4,watts=350,kwh=0.25");
  }
}
