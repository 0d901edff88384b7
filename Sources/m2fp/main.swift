print("m2fp")
