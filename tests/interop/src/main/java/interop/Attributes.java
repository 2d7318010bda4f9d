package interop;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What Spring can be told: the attributes of an annotation; of a class the public methods that change it. */
final class Attributes {

	private static final String CHANGES = "(set|add|remove|include|exclude|default)[A-Z].*";

	private Attributes() {
	}

	static Set<String> of(String className) {
		try {
			Class<?> type = Class.forName(className);
			Stream<Method> methods = type.isAnnotation() ? Stream.of(type.getDeclaredMethods())
					: Stream.of(type.getMethods()).filter(Attributes::changes);
			return methods.map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
		}
		catch (ClassNotFoundException gone) {
			throw new IllegalArgumentException(gone);
		}
	}

	/** Some say what they have removed; what else returns something only tells. */
	private static boolean changes(Method method) {
		boolean returnsNothing = method.getReturnType() == void.class || method.getName().startsWith("remove");
		return returnsNothing && method.getName().matches(CHANGES);
	}

}
