from xner.testing import TeacherContract


class TestWordVectors(TeacherContract):
    component = "word-vectors"
