package interop;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a class of Spring's can be told: the attributes of an annotation, the setters of a class. */
final class Attributes {

	private Attributes() {
	}

	static Set<String> of(String className) {
		try {
			Class<?> type = Class.forName(className);
			Stream<Method> methods = Stream.of(type.isAnnotation() ? type.getDeclaredMethods() : type.getMethods());
			if (!type.isAnnotation()) {
				methods = methods.filter(method -> method.getReturnType() == void.class || method.getName().startsWith("remove"))
					.filter(method -> method.getName().matches("(set|add|remove|exclude|include|default)[A-Z]?.*"));
			}
			return methods.map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
		}
		catch (ClassNotFoundException gone) {
			throw new IllegalArgumentException(gone);
		}
	}

}
