package interop;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.BackOff;
import org.springframework.kafka.annotation.DltHandler;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.support.converter.ByteArrayJacksonJsonMessageConverter;
import org.springframework.kafka.support.serializer.DelegatingByTypeSerializer;
import org.springframework.kafka.support.serializer.JacksonJsonSerializer;

/** Chains of JSON, decoded where Spring does that: by the consumer, before any listener is asked, or for the parameter. */
@Configuration
class Undecodable {

	private static final String KAFKAS = "deserializer=org.apache.kafka.common.serialization.";

	private static final String SPRINGS = "=org.springframework.kafka.support.serializer.";

	public record Order(int id) {
	}

	static class ByConsumer extends Chain {

		ByConsumer(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 200), numPartitions = "2", kafkaTemplate = "bytesOrJson")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}",
				properties = { "key.deserializer" + SPRINGS + "ErrorHandlingDeserializer",
						"value.deserializer" + SPRINGS + "ErrorHandlingDeserializer",
						"spring.deserializer.key.delegate.class" + SPRINGS + "JacksonJsonDeserializer",
						"spring.deserializer.value.delegate.class" + SPRINGS + "JacksonJsonDeserializer",
						"spring.json.key.default.type=java.lang.Integer",
						"spring.json.value.default.type=interop.Undecodable$Order" })
		void on(ConsumerRecord<Integer, Order> record) {
			throw failure("boom");
		}

	}

	static class ForParameter {

		private final Wire wire;

		private final String topic;

		ForParameter(Wire wire, String topic) {
			this.wire = wire;
			this.topic = topic;
		}

		public String getTopic() {
			return this.topic;
		}

		@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 200), numPartitions = "2", kafkaTemplate = "bytesOrJson")
		@KafkaListener(topics = "#{__listener.topic}", groupId = "#{__listener.topic}.group",
				containerFactory = "converting",
				properties = { "key." + KAFKAS + "ByteArrayDeserializer", "value." + KAFKAS + "ByteArrayDeserializer" })
		void on(Order order) {
			throw Chain.failure("boom");
		}

		/** With a parameter beside the record, Spring decodes the value, whoever asks for it. */
		@DltHandler
		void dead(ConsumerRecord<byte[], byte[]> record) {
			Letter.tell(this.wire, record, HexFormat.of().formatHex(record.value()));
		}

	}

	@Bean
	static ConcurrentKafkaListenerContainerFactory<Object, Object> converting(ConsumerFactory<Object, Object> consumers) {
		var factory = new ConcurrentKafkaListenerContainerFactory<Object, Object>();
		factory.setConsumerFactory(consumers);
		factory.setAutoStartup(false);
		factory.setRecordMessageConverter(new ByteArrayJacksonJsonMessageConverter());
		return factory;
	}

	/** What was not decoded is written as it came. */
	@Bean(defaultCandidate = false)
	static KafkaTemplate<Object, Object> bytesOrJson(ProducerFactory<?, ?> producers) {
		return new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(producers.getConfigurationProperties(),
				new DelegatingByTypeSerializer(serializers(), true), new DelegatingByTypeSerializer(serializers(), true)));
	}

	private static Map<Class<?>, Serializer<?>> serializers() {
		Map<Class<?>, Serializer<?>> serializers = new LinkedHashMap<>();
		serializers.put(byte[].class, new ByteArraySerializer());
		serializers.put(Object.class, new JacksonJsonSerializer<>());
		return serializers;
	}

	@Bean
	ByConsumer consumerSpring(Wire wire) {
		return new ByConsumer(wire, "consumer.spring");
	}

	@Bean
	ByConsumer consumerOurs(Wire wire) {
		return new ByConsumer(wire, "consumer.ours");
	}

	@Bean
	ForParameter parameterSpring(Wire wire) {
		return new ForParameter(wire, "parameter.spring");
	}

	@Bean
	ForParameter parameterOurs(Wire wire) {
		return new ForParameter(wire, "parameter.ours");
	}

}
